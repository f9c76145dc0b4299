/// The command and its arguments as execve gets them.
struct Words {
    /// A null pointer is the last.
    private(set) var entries: Room<UnsafePointer<CChar>?>
    /// The command may not be shown: a value is part of it.
    private(set) var commandIsPrivate = false

    /// - Throws: `reference`, `noMemory`.
    init(_ run: Invocation.Run, _ substitution: inout Substitution) throws(Fault) {
        var count = 0
        while run.command[count] != nil { count += 1 }
        entries = try Room(capacity: count + 1)
        for index in 0..<count {
            guard let word = run.command[index] else { break }
            let replaced = try substitution.apply(to: Bytes(text: word), from: .argument(index), prefix: Bytes(""))
            entries.append(replaced?.address ?? word)
            if index == 0, replaced != nil { commandIsPrivate = true }
        }
        entries.append(nil)
    }
}
