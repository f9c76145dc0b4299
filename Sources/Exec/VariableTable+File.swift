extension VariableTable {
    /// Reads the format of ``EnvironmentFormat``.
    /// - Parameter content: the whole file.
    /// - Throws: `fileDamaged`, `noMemory`.
    init(file content: Bytes) throws(Fault) {
        let magic = Bytes(EnvironmentFormat.magic)
        guard content.starts(with: magic) else {
            throw .fileDamaged("it does not begin as one of this release does")
        }
        let afterMagic = content.dropping(magic.count)
        guard let lineEnd = afterMagic.prefix(20).firstIndex(of: UInt8(ascii: "\n")),
            let space = afterMagic.prefix(lineEnd).firstIndex(of: UInt8(ascii: " ")),
            let count = afterMagic.prefix(space).decimal,
            let size = afterMagic.prefix(lineEnd).dropping(space + 1).decimal
        else { throw .fileDamaged("its first line is damaged") }

        var rest = afterMagic.dropping(lineEnd + 1)
        guard rest.count == size else {
            throw .fileDamaged(rest.count < size ? "it is cut short" : "something follows its end")
        }
        // The shortest entry is a letter, `=` and NUL: no more memory is asked for than the file's size justifies.
        guard count <= size / 3 else { throw .fileDamaged("it counts more variables than it can hold") }
        try self.init(capacity: count)
        for _ in 0..<count {
            guard let end = rest.firstIndex(of: 0) else {
                throw .fileDamaged("it holds fewer variables than it counts")
            }
            guard let variable = Variable(rest.prefix(end)) else { throw .fileDamaged("an entry has no name") }
            guard append(variable) else { throw .fileDamaged("it holds a variable twice") }
            rest = rest.dropping(end + 1)
        }
        guard rest.count == 0 else { throw .fileDamaged("it holds more than the variables it counts") }
    }
}
