import SecretSpec
import Testing

/// The kubelet's reader was asked about each of these: kubernetes 1.36, `pkg/kubelet/util/env`.
@Suite("Environment files for the kubelet")
struct KubeletEnvironmentFileTests {
    static func write(_ variables: [(String, [UInt8])]) throws -> String {
        var file = KubeletEnvironmentFile()
        for (name, value) in variables { try value.withUnsafeBytes { try file.append(name: name, value: $0) } }
        return file.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    static func write(_ value: String, name: String = "A") throws -> String { try write([(name, Array(value.utf8))]) }

    @Test(
        "what it can hold stands between quotes as it is",
        arguments: [
            "a", " ", "\n", "a\nb\n", "\"${X} $(Y) `z` \\ # =", "é\u{1F600}\u{FEFF}", "a\rb", "a\r", "\t",
            "# no comment",
            "B=", "\u{85}\u{2028}",
        ])
    func values(value: String) throws {
        #expect(try Self.write([]) == "")
        #expect(try Self.write(value) == "A='\(value)'\n")
        let three = [("A", Array("1".utf8)), ("B.b-b", Array(value.utf8)), ("C", Array("3".utf8))]
        #expect(try Self.write(three) == "A='1'\nB.b-b='\(value)'\nC='3'\n")
    }

    @Test("what it cannot hold is refused")
    func refusals() throws {
        #expect(throws: KubeletEnvironmentFileError.valueIsEmpty(name: "A")) { try Self.write("") }
        #expect(throws: KubeletEnvironmentFileError.valueHoldsQuote(name: "A")) { try Self.write("don't") }
        #expect(throws: KubeletEnvironmentFileError.valueHoldsCRLF(name: "A")) { try Self.write("a\r\nb") }
        #expect(throws: KubeletEnvironmentFileError.valueHoldsNUL(name: "A")) { try Self.write("a\0b") }
        for bytes in [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0x61, 0x80]] as [[UInt8]] {
            #expect(throws: KubeletEnvironmentFileError.valueIsNotUTF8(name: "A")) { try Self.write([("A", bytes)]) }
        }
        #expect(throws: KubeletEnvironmentFileError.duplicateName("A")) {
            try Self.write([("A", [0x61]), ("A", [0x61])])
        }
    }

    @Test("a line has 64 KiB with its end at most, a value has more lines")
    func lengths() throws {
        let line = String(repeating: "x", count: 65_536)
        #expect(try Self.write(String(line.dropLast(5))).utf8.count == 65_536)
        #expect(throws: KubeletEnvironmentFileError.lineTooLong(name: "A")) { try Self.write(String(line.dropLast(4))) }
        let first = String(line.dropLast(4))
        #expect(try Self.write(first + "\n" + line.dropLast(2)).utf8.count == 65_536 * 2)
        #expect(throws: KubeletEnvironmentFileError.lineTooLong(name: "A")) { try Self.write("x" + first + "\n") }
        #expect(throws: KubeletEnvironmentFileError.lineTooLong(name: "A")) { try Self.write("\n" + line.dropLast(1)) }
        #expect(throws: KubeletEnvironmentFileError.lineTooLong(name: "A")) { try Self.write("\n" + line + "\n") }
        let lines = String(repeating: "x\n", count: 64 << 10)
        #expect(throws: KubeletEnvironmentFileError.valueTooLong(name: "A")) { try Self.write(lines) }
        #expect(try Self.write(String(lines.dropLast(3))).utf8.count == (128 << 10) - 3 + 5)
    }

    @Test(
        "names that its reader would not find are refused",
        arguments: ["", " A", "A ", "\tA", "#A", "A=B", "é", "A\n", "A\0", "A\u{7F}"])
    func names(name: String) {
        #expect(throws: KubeletEnvironmentFileError.unusableName(name)) { try Self.write("a", name: name) }
    }

    @Test("other names are taken")
    func usableNames() throws {
        for name in ["A", "a.b-c_d", "1", "A B", "'", "\"$(A)", String(repeating: "N", count: 128)] {
            #expect(try Self.write("a", name: name) == "\(name)='a'\n")
        }
        let long = String(repeating: "N", count: 129)
        #expect(throws: KubeletEnvironmentFileError.nameTooLong(long)) { try Self.write("a", name: long) }
    }

    @Test("every refusal names what helps and no value")
    func sentences() {
        let errors: [KubeletEnvironmentFileError] = [
            .unusableName("N"), .nameTooLong("N"), .duplicateName("N"), .valueIsEmpty(name: "N"),
            .valueHoldsQuote(name: "N"), .valueHoldsCRLF(name: "N"), .valueHoldsNUL(name: "N"),
            .valueIsNotUTF8(name: "N"),
            .lineTooLong(name: "N"), .valueTooLong(name: "N"),
        ]
        for error in errors {
            #expect(
                error.description.contains("latchkey.dev/env-delivery: exec")
                    || error.description.contains("as a file") || error.description.contains("once"))
        }
    }
}
