extension JSONPatch {
    /// The patch document as UTF-8: the bytes of `document.serialized()`, without making the document.
    public func serialized() -> [UInt8] {
        var writer = ByteWriter(capacity: 4000)
        writer.write(UInt8(ascii: "["))
        for index in operations.indices {
            if index > 0 { writer.write(UInt8(ascii: ",")) }
            writer.write(operations[index])
        }
        writer.write(UInt8(ascii: "]"))
        var output: [UInt8] = []
        writer.withBytes { output.append(contentsOf: $0) }
        return output
    }
}

extension ByteWriter {
    fileprivate mutating func write(_ operation: JSONPatch.Operation) {
        switch operation {
        case .add(let path, let value):
            write("{\"op\":\"add\",\"path\":" as StaticString)
            write(path, and: value)
        case .replace(let path, let value):
            write("{\"op\":\"replace\",\"path\":" as StaticString)
            write(path, and: value)
        case .test(let path, let value):
            write("{\"op\":\"test\",\"path\":" as StaticString)
            write(path, and: value)
        case .remove(let path):
            write("{\"op\":\"remove\",\"path\":" as StaticString)
            write(path)
        case .move(let from, let path):
            write("{\"op\":\"move\",\"from\":" as StaticString)
            write(from, and: path)
        case .copy(let from, let path):
            write("{\"op\":\"copy\",\"from\":" as StaticString)
            write(from, and: path)
        }
        write(UInt8(ascii: "}"))
    }

    /// Appends the string form as a literal.
    private mutating func write(_ pointer: JSONPointer) {
        // Most tokens stand in the string form as they are.
        let isPlain = pointer.tokens.allSatisfy { token in
            token.utf8.allSatisfy { $0 >= 0x30 && $0 < 0x7B && $0 != UInt8(ascii: "\\") }
        }
        guard isPlain else { return writeLiteral(pointer.description) }
        write(UInt8(ascii: "\""))
        for token in pointer.tokens {
            write(UInt8(ascii: "/"))
            ByteWriter.withUTF8(of: token) { write($0) }
        }
        write(UInt8(ascii: "\""))
    }

    private mutating func write(_ path: JSONPointer, and value: JSONValue) {
        write(path)
        write(",\"value\":" as StaticString)
        write(value)
    }

    private mutating func write(_ from: JSONPointer, and path: JSONPointer) {
        write(from)
        write(",\"path\":" as StaticString)
        write(path)
    }
}
