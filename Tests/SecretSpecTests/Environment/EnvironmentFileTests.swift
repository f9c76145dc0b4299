import SecretSpec
import TestSupport
import Testing

@Suite("The environment file")
struct EnvironmentFileTests {
    static func bytes(_ variables: [(name: [UInt8], value: [UInt8])]) throws -> [UInt8] {
        var file = EnvironmentFile()
        for variable in variables { try file.append(name: variable.name, value: variable.value) }
        return file.withUnsafeBytes { Array($0) }
    }

    @Test("is the documented bytes")
    func golden() throws {
        #expect(try Self.bytes([]) == Array("latchkey-environment 1 0 0\n".utf8))
        let bytes = try Self.bytes([
            (Array("DB_PASSWORD".utf8), Array("p=w\n$(X)".utf8)), (Array("é".utf8), []), ([0xFF], [0xFE, 1]),
        ])
        let entries = Array("DB_PASSWORD=p=w\n$(X)\0é=\0".utf8) + [0xFF, 0x3D, 0xFE, 1, 0]
        #expect(bytes == Array("latchkey-environment 1 3 \(entries.count)\n".utf8) + entries)
    }

    @Test("can be read while it grows")
    func readTwice() throws {
        var file = EnvironmentFile()
        try file.append(name: "A".utf8, value: String(repeating: "x", count: 10_000).utf8)
        let first = file.withUnsafeBytes { $0.count }
        try file.append(name: "B".utf8, value: "y".utf8)
        let second = file.withUnsafeBytes { Array($0) }
        #expect(second.count == first + 4)
        #expect(second.starts(with: "latchkey-environment 1 2 10007\nA=xxx".utf8))
    }

    @Test("refuses what no environment can hold, and stays as it was")
    func refusals() throws {
        var file = EnvironmentFile()
        try file.append(name: "A".utf8, value: "1".utf8)
        #expect(throws: EnvironmentFileError.unusableName("")) { try file.append(name: "".utf8, value: "".utf8) }
        #expect(throws: EnvironmentFileError.unusableName("A=B")) { try file.append(name: "A=B".utf8, value: "".utf8) }
        #expect(throws: EnvironmentFileError.unusableName("A\0")) { try file.append(name: "A\0".utf8, value: "".utf8) }
        #expect(throws: EnvironmentFileError.duplicateName("A")) { try file.append(name: "A".utf8, value: "2".utf8) }
        #expect(throws: EnvironmentFileError.valueHoldsNUL(name: "B")) {
            try file.append(name: "B".utf8, value: "secret\0".utf8)
        }
        #expect(file.withUnsafeBytes { Array($0) } == Array("latchkey-environment 1 1 4\nA=1\0".utf8))
    }

    @Test("compares names by bytes: é in two spellings is two names")
    func canonicalEquivalence() throws {
        var file = EnvironmentFile()
        try file.append(name: "\u{E9}".utf8, value: "1".utf8)
        try file.append(name: "e\u{301}".utf8, value: "2".utf8)
        #expect(file.count == 2)
    }

    @Test("takes what the kernel takes and not a byte more")
    func limits() throws {
        var file = EnvironmentFile()
        let longest = [UInt8](repeating: 0x61, count: EnvironmentFormat.maximumEntrySize - 4)
        try file.append(name: "A0".utf8, value: longest.dropLast())
        #expect(throws: EnvironmentFileError.valueTooLong(name: "LONG")) {
            try file.append(name: "LONG".utf8, value: longest)
        }
        for number in 1...14 { try file.append(name: "A\(number)".utf8, value: longest.prefix(longest.count - 2)) }
        #expect(throws: EnvironmentFileError.tooLarge) { try file.append(name: "Z".utf8, value: longest) }
        #expect(file.withUnsafeBytes { $0.count } <= EnvironmentFormat.maximumSize)
    }

    @Test("names no value in its errors")
    func sentences() {
        let errors: [EnvironmentFileError] = [
            .unusableName("N"), .duplicateName("N"), .valueHoldsNUL(name: "N"), .valueTooLong(name: "N"), .tooLarge,
        ]
        for error in errors { #expect(error.description.contains(": ")) }
    }
}
