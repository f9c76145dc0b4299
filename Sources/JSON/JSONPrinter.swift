extension JSONValue {
    /// The value as UTF-8 without white space. Equal values with members in equal order give equal bytes.
    public func serialized() -> [UInt8] {
        var output: [UInt8] = []
        write(to: &output)
        return output
    }

    /// The value as a `String`; see ``serialized()``.
    public var text: String {
        String(decoding: serialized(), as: UTF8.self)
    }

    /// Appends the value's bytes.
    public func write(to output: inout [UInt8]) {
        var writer = ByteWriter()
        writer.write(self)
        writer.withBytes { output.append(contentsOf: $0) }
    }
}

extension ByteWriter {
    /// Appends a value. The recursion is as deep as the value.
    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: write("null" as StaticString)
        case .bool(true): write("true" as StaticString)
        case .bool(false): write("false" as StaticString)
        case .number(let number):
            ByteWriter.withUTF8(of: number.text) { write($0) }
        case .string(let text): writeLiteral(text)
        case .array(let elements):
            write(UInt8(ascii: "["))
            let elements = elements.span
            for index in elements.indices {
                if index > 0 { write(UInt8(ascii: ",")) }
                write(elements[index])
            }
            write(UInt8(ascii: "]"))
        case .object(let object):
            write(UInt8(ascii: "{"))
            let members = object.members.span
            for index in members.indices {
                if index > 0 { write(UInt8(ascii: ",")) }
                writeLiteral(members[index].name)
                write(UInt8(ascii: ":"))
                write(members[index].value)
            }
            write(UInt8(ascii: "}"))
        }
    }

    mutating func write(_ word: StaticString) {
        write(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    /// Appends a string literal; only what RFC 8259 demands is escaped.
    mutating func writeLiteral(_ text: String) {
        ByteWriter.withUTF8(of: text) { bytes in
            write(UInt8(ascii: "\""))
            var position = 0
            while true {
                position += writePlainText(of: bytes, from: position)
                guard position < bytes.count else { break }
                writeEscape(of: bytes[position])
                position += 1
            }
            write(UInt8(ascii: "\""))
        }
    }

    /// A string's bytes. `String.withUTF8` wants a variable, whose copy costs a retain and a release.
    @inline(__always)
    static func withUTF8(of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        if text.utf8.withContiguousStorageIfAvailable(body) == nil { Array(text.utf8).withUnsafeBufferPointer(body) }
    }

    @inline(__always)
    private mutating func writeEscape(of byte: UInt8) {
        write(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): write(byte)
        case 0x08: write(UInt8(ascii: "b"))
        case 0x09: write(UInt8(ascii: "t"))
        case 0x0A: write(UInt8(ascii: "n"))
        case 0x0C: write(UInt8(ascii: "f"))
        case 0x0D: write(UInt8(ascii: "r"))
        default:
            write("u00" as StaticString)
            write(ByteWriter.hexDigit(byte >> 4))
            write(ByteWriter.hexDigit(byte & 0x0F))
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") &+ nibble : UInt8(ascii: "a") &+ (nibble &- 10)
    }
}
