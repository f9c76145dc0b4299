import JSON

/// JSON with line breaks and four spaces, as kubectl prints it.
struct JSONPrettyPrinter {
    private var output: [UInt8] = []

    static func print(_ value: JSONValue) -> [UInt8] {
        var printer = JSONPrettyPrinter()
        printer.write(value, depth: 0)
        printer.output.append(UInt8(ascii: "\n"))
        return printer.output
    }

    private mutating func write(_ value: JSONValue, depth: Int) {
        switch value {
        case .object(let object) where !object.members.isEmpty:
            list(object.members, "{", "}", depth: depth) { printer, member in
                JSONValue.string(member.name).write(to: &printer.output)
                printer.output.append(contentsOf: ": ".utf8)
                printer.write(member.value, depth: depth + 1)
            }
        case .array(let elements) where !elements.isEmpty:
            list(elements, "[", "]", depth: depth) { printer, element in printer.write(element, depth: depth + 1) }
        default:
            value.write(to: &output)
        }
    }

    private mutating func list<Element>(
        _ elements: [Element], _ open: String, _ close: String, depth: Int,
        _ write: (inout JSONPrettyPrinter, Element) -> Void
    ) {
        output.append(contentsOf: open.utf8)
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            newLine(depth + 1)
            write(&self, element)
        }
        newLine(depth)
        output.append(contentsOf: close.utf8)
    }

    private mutating func newLine(_ depth: Int) {
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 4 * depth))
    }
}
