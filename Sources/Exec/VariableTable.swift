/// The variables of the environment file, in its order and by name.
struct VariableTable {
    private(set) var variables: Room<Variable>
    /// Hash table with open addressing: the number of a variable plus one, or 0. At most half of it is taken.
    private var slots: Room<UInt32>

    init(capacity: Int) throws(Fault) {
        variables = try Room(capacity: capacity)
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = try Room(zeroes: size)
    }

    /// False where the name is there already, or the table is full.
    mutating func append(_ variable: Variable) -> Bool {
        guard variables.count < variables.capacity, let slot = slot(of: variable.name), slots.element(at: slot) == 0
        else { return false }
        variables.append(variable)
        slots.replace(at: slot, with: UInt32(truncatingIfNeeded: variables.count))
        return true
    }

    /// Which variable has this name.
    func index(of name: Bytes) -> Int? {
        guard let slot = slot(of: name), let number = slots.element(at: slot), number > 0 else { return nil }
        return Int(number) - 1
    }

    /// The value of this name.
    func value(of name: Bytes) -> Bytes? {
        guard let index = index(of: name) else { return nil }
        return variables.element(at: index)?.value
    }

    /// Where the name is, or would be.
    private func slot(of name: Bytes) -> Int? {
        var slot = Int(truncatingIfNeeded: name.hash) & (slots.count - 1)
        for _ in 0..<slots.count {
            guard let number = slots.element(at: slot) else { return nil }
            if number == 0 { return slot }
            if let variable = variables.element(at: Int(number) - 1), variable.name.isSame(as: name) { return slot }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }
}

extension Bytes {
    /// FNV-1a, 32 bits.
    fileprivate var hash: UInt32 {
        var hash: UInt32 = 0x811C_9DC5
        for index in 0..<count {
            guard let byte = byte(at: index) else { break }
            hash = (hash ^ UInt32(byte)) &* 0x0100_0193
        }
        return hash
    }
}
