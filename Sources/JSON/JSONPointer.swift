/// A JSON Pointer (RFC 6901): the way from a document's root to one value in it.
public struct JSONPointer: Sendable {
    /// The reference tokens, unescaped; none means the whole document.
    public var tokens: [String]

    /// A pointer of these tokens.
    public init(_ tokens: [String] = []) {
        self.tokens = tokens
    }

    /// Parses the string form: empty, or `/` before each token, `~1` for `/` and `~0` for `~`. Nil for anything else.
    public init?(parsing text: String) {
        guard !text.isEmpty else {
            tokens = []
            return
        }
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        tokens = []
        for part in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let token = JSONPointer.unescape(part) else { return nil }
            tokens.append(token)
        }
    }

    /// The pointer to a member or element below this one.
    public func appending(_ token: String) -> JSONPointer {
        JSONPointer(tokens + [token])
    }

    /// The pointer to an element below this one.
    public func appending(_ index: Int) -> JSONPointer {
        appending(String(index))
    }

    private static func unescape(_ part: Substring.UTF8View) -> String? {
        var token: [UInt8] = []
        var isEscape = false
        for byte in part {
            if isEscape {
                switch byte {
                case UInt8(ascii: "0"): token.append(UInt8(ascii: "~"))
                case UInt8(ascii: "1"): token.append(UInt8(ascii: "/"))
                default: return nil
                }
                isEscape = false
            } else if byte == UInt8(ascii: "~") {
                isEscape = true
            } else {
                token.append(byte)
            }
        }
        return isEscape ? nil : String(decoding: token, as: UTF8.self)
    }

    /// The place in an array that a token names (RFC 6901, 4): digits without a leading zero; nil otherwise.
    static func arrayIndex(_ token: String) -> Int? {
        let digits = token.utf8
        guard digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            digits.count == 1 || digits.first != UInt8(ascii: "0")
        else { return nil }
        return Int(token)
    }
}

extension JSONPointer: Equatable {
    /// Whether both name the same place; tokens are compared code point by code point.
    public static func == (left: JSONPointer, right: JSONPointer) -> Bool {
        left.tokens.elementsEqual(right.tokens) { $0.isSameText(as: $1) }
    }

    /// Whether this pointer names the other's place or one around it.
    func isPrefix(of other: JSONPointer) -> Bool {
        other.tokens.starts(with: tokens) { $0.isSameText(as: $1) }
    }
}

extension JSONPointer: CustomStringConvertible {
    /// The string form.
    public var description: String {
        var output: [UInt8] = []
        for token in tokens {
            output.append(UInt8(ascii: "/"))
            for byte in token.utf8 {
                switch byte {
                case UInt8(ascii: "~"): output.append(contentsOf: "~0".utf8)
                case UInt8(ascii: "/"): output.append(contentsOf: "~1".utf8)
                default: output.append(byte)
                }
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}

extension JSONValue {
    /// The value that a pointer names, or nil where there is none.
    public func value(at pointer: JSONPointer) -> JSONValue? {
        var value = self
        for token in pointer.tokens {
            switch value {
            case .object(let object):
                guard let next = object[token] else { return nil }
                value = next
            case .array(let elements):
                guard let index = JSONPointer.arrayIndex(token), index < elements.count else { return nil }
                value = elements[index]
            default:
                return nil
            }
        }
        return value
    }
}
