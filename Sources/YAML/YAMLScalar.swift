import JSON

/// What kind of value a scalar is, by the rules of sigs.k8s.io/yaml (`resolve` in its goyaml.v2).
enum YAMLScalar {
    static let tagPrefix = "tag:yaml.org,2002:"

    /// What a scalar without quotes stands for.
    enum Plain {
        case value(JSONValue)
        /// `.nan`, `.inf`: a number that JSON has not.
        case notFinite
    }

    static func plain(_ text: String) -> Plain {
        switch text {
        case "", "~", "null", "Null", "NULL": return .value(.null)
        case "true", "True", "TRUE", "yes", "Yes", "YES", "y", "Y", "on", "On", "ON": return .value(true)
        case "false", "False", "FALSE", "no", "No", "NO", "n", "N", "off", "Off", "OFF": return .value(false)
        case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF":
            return .notFinite
        default:
            return .value(YAMLNumber.parse(text).map(JSONValue.number) ?? .string(text))
        }
    }

    static func value(of scalar: YAMLEvent.Scalar, at mark: YAMLMark) throws(YAMLError) -> JSONValue {
        guard let tag = scalar.tag else {
            guard scalar.isPlain else { return .string(scalar.text) }
            switch plain(scalar.text) {
            case .value(let value): return value
            case .notFinite: throw mark.error(.notFinite)
            }
        }
        guard tag.hasPrefix(tagPrefix) else { return .string(scalar.text) }
        let name = tag.dropFirst(tagPrefix.count)
        let mismatch = mark.error(.tagMismatch("!!\(name)"))
        switch (name, plain(scalar.text)) {
        case ("null", .value(.null)): return .null
        case ("bool", .value(.bool(let truth))): return .bool(truth)
        case ("float", .notFinite): throw mark.error(.notFinite)
        case ("int", .value(.number(let number))):
            guard YAMLNumber.isInteger(number) else { throw mismatch }
            return .number(number)
        case ("float", .value(.number(let number))): return .number(number)
        // A number beyond a double's range is a string without its tag.
        case ("float", .value(.string(let text))):
            guard let number = JSONNumber(text) else { throw mismatch }
            return .number(number)
        case ("null", _), ("bool", _), ("int", _), ("float", _): throw mismatch
        case ("binary", _):
            guard let bytes = Base64.decode(scalar.text), let text = String(validating: bytes, as: UTF8.self) else {
                throw mismatch
            }
            return .string(text)
        default: return .string(scalar.text)
        }
    }

    static func isMergeKey(_ scalar: YAMLEvent.Scalar) -> Bool {
        scalar.text == "<<" && (scalar.isPlain || scalar.tag == tagPrefix + "merge")
    }
}
