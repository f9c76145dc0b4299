import CExec

/// The environment that the command gets.
struct Environment {
    /// The entries for execve, a null pointer last.
    private(set) var entries: Room<UnsafePointer<CChar>?>

    /// Replaces references in an environment and puts the file's variables into it: those win.
    ///
    /// - A variable of the file that is there keeps its place and gets the file's value. Further entries of its name
    ///   are left out: a program that takes the last one (a shell may) sees no other value than one that takes the
    ///   first (getenv does).
    /// - New variables follow in the file's order.
    /// - Everything else stays byte for byte, also what has no `=`, no name, or comes twice.
    init(
        completing inherited: UnsafePointer<UnsafePointer<CChar>?>, with variables: Table<Variable>,
        _ substitution: inout Substitution
    ) throws(Fault) {
        var count = 0
        while inherited[count] != nil { count += 1 }
        entries = try Room(capacity: count + variables.elements.count + 1)
        let placed: Room<UInt8> = try Room(zeroes: variables.elements.count)
        for index in 0..<count {
            guard let entry = inherited[index] else { break }
            if let name = Variable.name(of: entry), let ours = variables.index(of: name),
                let variable = variables.elements.element(at: ours)
            {
                if placed.element(at: ours) == 0 { entries.append(variable.entry.address) }
                placed.replace(at: ours, with: 1)
            } else {
                entries.append(try Self.completed(entry, &substitution))
            }
        }
        for index in 0..<variables.elements.count where placed.element(at: index) == 0 {
            entries.append(variables.elements.element(at: index)?.entry.address)
        }
        entries.append(nil)
    }

    /// An entry with its references replaced; one without `=` is all value.
    private static func completed(
        _ entry: UnsafePointer<CChar>, _ substitution: inout Substitution
    ) throws(Fault) -> UnsafePointer<CChar> {
        let entry = Bytes(text: entry)
        let equals = entry.firstIndex(of: UInt8(ascii: "="))
        let valueStart = equals.map { $0 + 1 } ?? 0
        let result = try substitution.apply(
            to: entry.dropping(valueStart), from: .variable(entry.prefix(equals ?? 0)),
            prefix: entry.prefix(valueStart))
        return (result ?? entry).address
    }

    /// The first value of a name, as getenv finds it.
    func value(of wanted: StaticString) -> Bytes? {
        let wanted = Bytes(wanted)
        for index in 0..<entries.count {
            guard let entry = entries.element(at: index) ?? nil, let name = Variable.name(of: entry) else { continue }
            if name.isSame(as: wanted) { return Bytes(text: entry).dropping(wanted.count + 1) }
        }
        return nil
    }
}
