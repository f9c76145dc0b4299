import JSON

/// Writes values in block style.
struct YAMLPrinter {
    private(set) var output: [UInt8] = []

    /// libyaml looks for the ':' of a key on one line within 1024 characters; longer keys are marked with '?'.
    private static let longestSimpleKey = 1000

    mutating func separate() {
        text("---\n")
    }

    mutating func write(document: JSONValue) {
        entry(document, indent: 0, isRoot: true)
    }

    /// A value at a place from which its own lines are indented by `indent`, the first line being there already.
    private mutating func entry(_ value: JSONValue, indent: Int, isRoot: Bool = false) {
        switch value {
        case .object(let object) where !object.members.isEmpty: mapping(object, indent: indent)
        case .array(let elements) where !elements.isEmpty: sequence(elements, indent: indent)
        default: scalar(value, indent: isRoot ? 2 : indent)
        }
    }

    private mutating func mapping(_ object: JSONObject, indent: Int) {
        for (index, member) in object.members.enumerated() {
            if index > 0 { spaces(indent) }
            let key = YAMLStringStyle.singleLine(member.name)
            if key.utf8.count > Self.longestSimpleKey {
                text("? \(key)\n")
                spaces(indent)
                text(": ")
                entry(member.value, indent: indent + 2)
                continue
            }
            text("\(key):")
            switch member.value {
            case .object(let object) where !object.members.isEmpty:
                text("\n")
                spaces(indent + 2)
                mapping(object, indent: indent + 2)
            case .array(let elements) where !elements.isEmpty:
                text("\n")
                spaces(indent)
                sequence(elements, indent: indent)
            default:
                text(" ")
                scalar(member.value, indent: indent + 2)
            }
        }
    }

    private mutating func sequence(_ elements: [JSONValue], indent: Int) {
        for (index, element) in elements.enumerated() {
            if index > 0 { spaces(indent) }
            text("- ")
            entry(element, indent: indent + 2)
        }
    }

    /// A scalar or an empty collection and the line's end; `indent` is where the lines of a literal begin.
    private mutating func scalar(_ value: JSONValue, indent: Int) {
        switch value {
        case .null: text("null\n")
        case .bool(let truth): text(truth ? "true\n" : "false\n")
        case .number(let number): text(YAMLNumber.printed(number) + "\n")
        case .array: text("[]\n")
        case .object: text("{}\n")
        case .string(let string):
            if let header = YAMLStringStyle.literalHeader(string) {
                literal(string, header: header, indent: indent)
            } else {
                text(YAMLStringStyle.singleLine(string) + "\n")
            }
        }
    }

    private mutating func literal(_ string: String, header: String, indent: Int) {
        text(header + "\n")
        let lines = string.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // What follows the last line break is a line only where there is something.
        for line in string.utf8.last == UInt8(ascii: "\n") ? lines.dropLast() : lines[...] {
            if !line.isEmpty { spaces(indent) }
            output.append(contentsOf: line)
            output.append(UInt8(ascii: "\n"))
        }
    }

    private mutating func spaces(_ count: Int) {
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: count))
    }

    private mutating func text(_ text: String) {
        output.append(contentsOf: text.utf8)
    }
}

extension YAMLNumber {
    /// The number's text; with its tag where the text alone would be read as a string (beyond a double's range).
    fileprivate static func printed(_ number: JSONNumber) -> String {
        if let read = parse(number.text), read.text == number.text { return number.text }
        return "!!float \(number.text)"
    }
}
