/// The names of environment variables.
enum VariableName {
    static let accepted =
        "letters, digits, '_', '-' and '.', not a digit first, and not '.', '..' or anything that begins with '..'"

    /// What Kubernetes has taken in every version (`IsEnvVarName`).
    static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, !isDigit(first), !name.utf8.starts(with: "..".utf8),
            !name.utf8.elementsEqual(".".utf8)
        else { return false }
        return name.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    /// What can stand before `=` in a file that the kubelet reads (KEP-3721).
    static func fitsFile(_ name: String) -> Bool {
        guard let first = name.utf8.first, !isDigit(first), name.utf8.count <= 128 else { return false }
        return name.utf8.allSatisfy(isWord)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }
}
