import SecretSpec
import TestSupport
import Testing

@Suite("The environment file")
struct EnvironmentFileTests {
    typealias Pair = (name: [UInt8], value: [UInt8])

    static func bytes(_ replacements: [Pair], _ variables: [Pair]) throws -> [UInt8] {
        var file = EnvironmentFile()
        for variable in variables { try file.append(name: variable.name, value: variable.value) }
        for replacement in replacements { try file.replace(replacement.name, by: replacement.value) }
        return file.withUnsafeBytes { Array($0) }
    }

    static func pair(_ name: String, _ value: String) -> Pair { (Array(name.utf8), Array(value.utf8)) }

    @Test("is the documented bytes")
    func golden() throws {
        #expect(try Self.bytes([], []) == Array("latchkey-environment 1 1 0 0 7\nakv://\0".utf8))
        let bytes = try Self.bytes(
            [Self.pair("${akv://shop/db|json}", "\"p\""), (Array("akv://shop/db".utf8), [0xFE])],
            [Self.pair("DB_PASSWORD", "p=w\n$(X)"), (Array("é".utf8), []), ([0xFF], [0xFE, 1])])
        let content =
            Array("akv://\0${akv://shop/db|json}\0\"p\"\0akv://shop/db\0".utf8) + [0xFE, 0]
            + Array("DB_PASSWORD=p=w\n$(X)\0é=\0".utf8) + [0xFF, 0x3D, 0xFE, 1, 0]
        #expect(bytes == Array("latchkey-environment 1 1 2 3 \(content.count)\n".utf8) + content)
    }

    @Test("names the beginnings of all backends")
    func beginnings() throws {
        let bytes = try Self.bytes([], [])
        let beginnings = BackendDescriptor.all.map { "\($0.scheme)://\0" }.joined()
        #expect(bytes.reversed().starts(with: Array(beginnings.utf8).reversed()))
        // The wrapper takes no other letters.
        #expect(
            BackendDescriptor.all.allSatisfy {
                $0.scheme.utf8.allSatisfy { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
            })
    }

    @Test("can be read while it grows")
    func readTwice() throws {
        var file = EnvironmentFile()
        try file.append(name: "A".utf8, value: String(repeating: "x", count: 10_000).utf8)
        let first = file.withUnsafeBytes { $0.count }
        try file.append(name: "B".utf8, value: "y".utf8)
        let second = file.withUnsafeBytes { Array($0) }
        #expect(second.count == first + 4)
        #expect(second.starts(with: "latchkey-environment 1 1 0 2 10014\nakv://\0A=xxx".utf8))
    }

    @Test("refuses what no environment can hold, and stays as it was")
    func refusals() throws {
        var file = EnvironmentFile()
        try file.append(name: "A".utf8, value: "1".utf8)
        try file.replace("${a}".utf8, by: "1".utf8)
        let before = file.withUnsafeBytes { Array($0) }
        #expect(throws: EnvironmentFileError.unusableName("")) { try file.append(name: "".utf8, value: "".utf8) }
        #expect(throws: EnvironmentFileError.unusableName("A=B")) { try file.append(name: "A=B".utf8, value: "".utf8) }
        #expect(throws: EnvironmentFileError.unusableName("A\0")) { try file.append(name: "A\0".utf8, value: "".utf8) }
        #expect(throws: EnvironmentFileError.duplicateName("A")) { try file.append(name: "A".utf8, value: "2".utf8) }
        #expect(throws: EnvironmentFileError.valueHoldsNUL(name: "B")) {
            try file.append(name: "B".utf8, value: "secret\0".utf8)
        }
        #expect(throws: EnvironmentFileError.unusableText("")) { try file.replace("".utf8, by: "".utf8) }
        #expect(throws: EnvironmentFileError.unusableText("a\0")) { try file.replace("a\0".utf8, by: "".utf8) }
        #expect(throws: EnvironmentFileError.duplicateText("${a}")) { try file.replace("${a}".utf8, by: "2".utf8) }
        #expect(throws: EnvironmentFileError.valueHoldsNUL(name: "${b}")) {
            try file.replace("${b}".utf8, by: "secret\0".utf8)
        }
        #expect(file.withUnsafeBytes { Array($0) } == before)
    }

    @Test("compares names by bytes: é in two spellings is two names")
    func canonicalEquivalence() throws {
        let names = ["\u{E9}", "e\u{301}"].map { Self.pair($0, "1") }
        #expect(try Self.bytes(names, names).starts(with: "latchkey-environment 1 1 2 2 ".utf8))
    }

    @Test("takes what the kernel takes and not a byte more")
    func limits() throws {
        var file = EnvironmentFile()
        let longest = [UInt8](repeating: 0x61, count: EnvironmentFormat.maximumEntrySize - 4)
        try file.append(name: "A0".utf8, value: longest.dropLast())
        #expect(throws: EnvironmentFileError.valueTooLong(name: "LONG")) {
            try file.append(name: "LONG".utf8, value: longest)
        }
        #expect(throws: EnvironmentFileError.valueTooLong(name: "LONG")) {
            try file.replace("LONG".utf8, by: longest)
        }
        for number in 1...7 { try file.append(name: "A\(number)".utf8, value: longest.prefix(longest.count - 2)) }
        for number in 1...7 { try file.replace("B\(number)".utf8, by: longest.prefix(longest.count - 2)) }
        #expect(throws: EnvironmentFileError.tooLarge) { try file.append(name: "Z".utf8, value: longest) }
        #expect(throws: EnvironmentFileError.tooLarge) { try file.replace("Z".utf8, by: longest) }
        #expect(file.withUnsafeBytes { $0.count } <= EnvironmentFormat.maximumSize)
    }

    @Test("names no value in its errors")
    func sentences() {
        let errors: [EnvironmentFileError] = [
            .unusableText("N"), .duplicateText("N"), .unusableName("N"), .duplicateName("N"), .valueHoldsNUL(name: "N"),
            .valueTooLong(name: "N"), .tooLarge,
        ]
        for error in errors { #expect(error.description.contains(": ")) }
    }
}
