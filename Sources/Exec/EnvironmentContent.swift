/// What the environment file holds; see ``EnvironmentFormat``.
struct EnvironmentContent {
    /// What references begin with.
    private(set) var beginnings: Room<Bytes>
    private(set) var replacements: Table<Replacement>
    private(set) var variables: Table<Variable>
    /// Whether a text is a reference without `${`.
    private(set) var hasBareText = false

    /// - Parameter content: the whole file.
    /// - Throws: `fileDamaged`, `noMemory`.
    init(_ content: Bytes) throws(Fault) {
        let magic = Bytes(EnvironmentFormat.magic)
        guard content.starts(with: magic) else {
            throw .fileDamaged("it does not begin as one of this release does")
        }
        var rest = content.dropping(magic.count)
        guard let beginningCount = rest.takeNumber(endingIn: UInt8(ascii: " ")),
            let replacementCount = rest.takeNumber(endingIn: UInt8(ascii: " ")),
            let variableCount = rest.takeNumber(endingIn: UInt8(ascii: " ")),
            let size = rest.takeNumber(endingIn: UInt8(ascii: "\n"))
        else { throw .fileDamaged("its first line is damaged") }
        guard rest.count == size else {
            throw .fileDamaged(rest.count < size ? "it is cut short" : "something follows its end")
        }
        // The shortest entries have five, three and three bytes: no more memory is asked for than the size justifies.
        guard beginningCount <= size / 5, replacementCount <= size / 3, variableCount <= size / 3 else {
            throw .fileDamaged("it counts more than it can hold")
        }
        beginnings = try Room(capacity: beginningCount)
        replacements = try Table(capacity: replacementCount)
        variables = try Table(capacity: variableCount)
        for _ in 0..<beginningCount { try readBeginning(&rest) }
        for _ in 0..<replacementCount { try readReplacement(&rest) }
        for _ in 0..<variableCount { try readVariable(&rest) }
        guard rest.count == 0 else { throw .fileDamaged("it holds more than it counts") }
    }

    private mutating func readBeginning(_ rest: inout Bytes) throws(Fault) {
        let beginning = try rest.takeText()
        guard beginning.isBeginning else { throw .fileDamaged("a beginning is none") }
        beginnings.append(beginning)
    }

    private mutating func readReplacement(_ rest: inout Bytes) throws(Fault) {
        let text = try rest.takeText()
        guard text.count > 0 else { throw .fileDamaged("a text is empty") }
        guard replacements.append(Replacement(text: text, value: try rest.takeText())) else {
            throw .fileDamaged("it holds a text twice")
        }
        if text.byte(at: 0) != UInt8(ascii: "$") { hasBareText = true }
    }

    private mutating func readVariable(_ rest: inout Bytes) throws(Fault) {
        guard let variable = Variable(try rest.takeText()) else { throw .fileDamaged("a variable has no name") }
        guard variables.append(variable) else { throw .fileDamaged("it holds a variable twice") }
    }
}

extension Bytes {
    /// Takes a number and the byte behind it; nil where there is none.
    fileprivate mutating func takeNumber(endingIn end: UInt8) -> Int? {
        guard let length = prefix(10).firstIndex(of: end), let number = prefix(length).decimal else { return nil }
        self = dropping(length + 1)
        return number
    }

    /// Takes what stands before the next NUL, and the NUL, which lies behind the result in memory.
    fileprivate mutating func takeText() throws(Fault) -> Bytes {
        guard let end = firstIndex(of: 0) else { throw .fileDamaged("it holds less than it counts") }
        defer { self = dropping(end + 1) }
        return prefix(end)
    }

    /// Letters of lower case and `://`.
    fileprivate var isBeginning: Bool {
        let letters = count - 3
        guard letters > 0, dropping(letters).isSame(as: Bytes("://")) else { return false }
        for index in 0..<letters {
            guard let byte = byte(at: index), UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte else { return false }
        }
        return true
    }
}
