/// The command and its arguments as execve gets them.
struct Words {
    /// A null pointer is the last.
    private(set) var entries: Room<UnsafePointer<CChar>?>
    /// The command may not be shown: the value of a variable is part of it.
    private(set) var commandIsPrivate = false

    /// Puts the words together that arrive in pieces; see ``ExecWords``.
    /// - Throws: `usage`, `noMemory`.
    init(joining run: Invocation.Run, with variables: VariableTable) throws(Fault) {
        var count = 0
        while run.command[count] != nil { count += 1 }
        entries = try Room(capacity: count + 1)
        var counts = run.counts
        var next = 0
        while next < count {
            let pieces = try Self.takeCount(&counts)
            guard pieces <= count - next, pieces % 3 == 1 else {
                throw .usage("the counts of '--join=' do not fit the arguments")
            }
            if pieces > 1, entries.count == 0 { commandIsPrivate = true }
            entries.append(pieces == 1 ? run.command[next] : try Self.join(run.command + next, pieces, variables))
            next += pieces
        }
        guard counts.count == 0 else { throw .usage("'--join=' counts more than there are arguments") }
        entries.append(nil)
    }

    /// The first count, and the rest left over; 1 after the last.
    private static func takeCount(_ counts: inout Bytes) throws(Fault) -> Int {
        guard counts.count > 0 else { return 1 }
        let end = counts.firstIndex(of: UInt8(ascii: ",")) ?? counts.count
        guard let count = counts.prefix(end).decimal, end != counts.count - 1 else {
            throw .usage("'--join=' takes numbers separated by commas")
        }
        counts = counts.dropping(end + 1)
        return count
    }

    private static func join(
        _ pieces: UnsafePointer<UnsafePointer<CChar>?>, _ count: Int, _ variables: VariableTable
    ) throws(Fault) -> UnsafePointer<CChar> {
        var length = 0
        forEachPart(pieces, count, variables) { part in length += part.count }
        var joined: Room<UInt8> = try Room(capacity: length + 1)
        forEachPart(pieces, count, variables) { part in joined.append(part) }
        joined.append(0)
        return joined.bytes.address
    }

    /// Text, then name, fallback and text, again and again: calls with each text and what stands between them.
    private static func forEachPart(
        _ pieces: UnsafePointer<UnsafePointer<CChar>?>, _ count: Int, _ variables: VariableTable,
        _ use: (Bytes) -> Void
    ) {
        func piece(_ index: Int) -> Bytes {
            guard index < count, let piece = pieces[index] else { return Bytes("") }
            return Bytes(text: piece)
        }
        use(piece(0))
        for index in stride(from: 1, to: count, by: 3) {
            use(variables.value(of: piece(index)) ?? piece(index + 1))
            use(piece(index + 2))
        }
    }
}
