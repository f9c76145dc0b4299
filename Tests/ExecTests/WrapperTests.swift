import Foundation
import SecretSpec
import TestSupport
import Testing

/// That the wrapper reads what `SecretSpec` writes for it. How it treats the process it becomes: Tests/Python/exec.
@Suite("The wrapper and its file", .enabled(if: Wrapper.isBuilt, "not built: run 'make exec'"))
struct WrapperTests {
    @Test("is of this release and of at most 1 MiB")
    func version() throws {
        #expect(
            String(decoding: try Wrapper.run(["--version"]).output, as: UTF8.self)
                == "latchkey-exec \(Release.version)\n")
        let size = try FileManager.default.attributesOfItem(atPath: Wrapper.path)[.size] as? Int
        #expect(try #require(size) <= 1 << 20)
    }

    @Test("variables arrive byte by byte, in order", arguments: 0..<20 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var file = EnvironmentFile()
        var expected: [UInt8] = []
        for _ in 0..<Int.random(in: 0...300, using: &generator) {
            let name = Self.randomBytes(1...12, &generator).filter { $0 != UInt8(ascii: "=") }
            let value = Self.randomBytes(0...200, &generator)
            do throws(EnvironmentFileError) {
                try file.append(name: name, value: value)
            } catch {
                continue
            }
            expected += name + [UInt8(ascii: "=")] + value + [0]
        }
        let bytes = file.withUnsafeBytes { Array($0) }
        let outcome = try Wrapper.withFile(bytes) { path in
            try Wrapper.run(["run", path, "--", "/usr/bin/env", "-0"])
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == expected)
    }

    @Test("10,000 variables of 1.5 MB arrive")
    func many() throws {
        var file = EnvironmentFile()
        var expected: [UInt8] = []
        for number in 0..<10_000 {
            let (name, value) = ("VARIABLE_\(number)", String(repeating: "v", count: 135))
            try file.append(name: name.utf8, value: value.utf8)
            expected += Array("\(name)=\(value)".utf8) + [0]
        }
        let bytes = file.withUnsafeBytes { Array($0) }
        #expect(bytes.count > 1_490_000)
        let outcome = try Wrapper.withFile(bytes) { path in
            try Wrapper.run(["run", path, "--", "/usr/bin/env", "-0"])
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == expected)
    }

    @Test("texts are replaced by values byte by byte", arguments: 0..<20 as Range<UInt64>)
    func replacements(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var file = EnvironmentFile()
        var environment: [String: String] = [:]
        var values: [String: [UInt8]] = [:]
        for number in 0..<Int.random(in: 0...300, using: &generator) {
            let text = number % 3 == 0 ? "akv://shop/\(number)" : "${akv://shop/\(number)|json}"
            let value = Self.randomBytes(0...200, &generator)
            try file.replace(text.utf8, by: value)
            let (before, after) = number % 3 == 0 ? ("", "") : ("$(A) ${B}", "}")
            environment["V\(number)"] = before + text + after
            values["V\(number)"] = before.utf8 + value + after.utf8
        }
        let bytes = file.withUnsafeBytes { Array($0) }
        let outcome = try Wrapper.withFile(bytes) { path in
            try Wrapper.run(["run", path, "--", "/usr/bin/env", "-0"], environment: environment)
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
        var found: [String: [UInt8]] = [:]
        for entry in outcome.output.split(separator: 0) {
            let equals = try #require(entry.firstIndex(of: UInt8(ascii: "=")))
            found[String(decoding: entry[..<equals], as: UTF8.self)] = Array(entry[equals...].dropFirst())
        }
        #expect(found == values)
    }

    /// Neither a trap (a signal) nor a command that runs with half a file.
    @Test("damaged files are refused with their code", arguments: 0..<20 as Range<UInt64>)
    func mutations(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var file = EnvironmentFile()
        for number in 0..<20 {
            try file.append(name: "NAME\(number)".utf8, value: "value \(number)".utf8)
            try file.replace("${akv://shop/\(number)}".utf8, by: "value \(number)".utf8)
        }
        let original = file.withUnsafeBytes { Array($0) }
        let words = [
            "\0", "=", "\n", " ", "0", "99999999", "-1", "18446744073709551615", "=\0", "NAME1=", "latchkey", "akv://",
            "${", "}",
        ]
        for _ in 0..<50 {
            let damaged = generator.mutated(original, words: words)
            let outcome = try Wrapper.withFile(damaged) { path in
                try Wrapper.run(["run", path, "--", "/usr/bin/printf", "<%s>", "${akv://shop/3}"])
            }
            let output = String(decoding: outcome.output, as: UTF8.self)
            switch outcome.status {
            case 0: #expect(output.hasPrefix("<") && output.hasSuffix(">"))
            case 120: #expect(output.isEmpty && outcome.errors.hasPrefix("latchkey-exec: argument 2 holds"))
            default:
                #expect(outcome.status == 123, "\(outcome)")
                #expect(output.isEmpty && outcome.errors.hasPrefix("latchkey-exec: the environment file '"))
            }
            #expect(outcome.status == 0 || outcome.errors.filter(\.isNewline).count == 1)
        }
    }

    private static func randomBytes(_ count: ClosedRange<Int>, _ generator: inout SeededGenerator) -> [UInt8] {
        (0..<Int.random(in: count, using: &generator)).map { _ in UInt8.random(in: 1...255, using: &generator) }
    }
}
