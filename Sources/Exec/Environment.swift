import CExec

/// The environment that the command gets.
struct Environment {
    /// The entries for execve, a null pointer last.
    private(set) var entries: Room<UnsafePointer<CChar>?>

    /// Puts the file's variables into an environment: ours win.
    ///
    /// - A variable that is there keeps its place and gets the file's value. Further entries of its name are left out:
    ///   a program that takes the last one (a shell may) sees no other value than one that takes the first (getenv
    ///   does).
    /// - New variables follow in the file's order.
    /// - Everything else stays byte for byte, also what has no `=`, no name, or comes twice.
    init(merging file: VariableTable, into inherited: UnsafePointer<UnsafePointer<CChar>?>) throws(Fault) {
        var count = 0
        while inherited[count] != nil { count += 1 }
        entries = try Room(capacity: count + file.variables.count + 1)
        let placed: Room<UInt8> = try Room(zeroes: file.variables.count)
        for index in 0..<count {
            guard let entry = inherited[index] else { break }
            guard let name = Variable.name(of: entry), let ours = file.index(of: name),
                let variable = file.variables.element(at: ours)
            else {
                entries.append(entry)
                continue
            }
            if placed.element(at: ours) == 0 { entries.append(variable.entry.address) }
            placed.replace(at: ours, with: 1)
        }
        for index in 0..<file.variables.count where placed.element(at: index) == 0 {
            entries.append(file.variables.element(at: index)?.entry.address)
        }
        entries.append(nil)
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
