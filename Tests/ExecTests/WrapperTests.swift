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

    /// The real wrapper after a kubelet played by `VariableExpansion`, against the expansion of the real values.
    @Test("words arrive as Kubernetes would have expanded them", arguments: 0..<10 as Range<UInt64>)
    func expansion(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let (names, texts) = (["A", "B", "C", "A$(B"], ["", "a", "$(A)", "$$", "$(B)$", "é", "--", "1,4"])
        for _ in 0..<5 {
            var known: [String: String] = [:]
            var ours: [String: String] = [:]
            var file = EnvironmentFile()
            for name in names {
                if generator.once(in: 2) { known[name] = texts.randomElement(using: &generator) }
                guard generator.once(in: 2), let value = texts.randomElement(using: &generator) else { continue }
                ours[name] = value
                try file.append(name: name.utf8, value: value.utf8)
            }
            let pieces = texts + ["$(A$(B)", "$(C)", "$(", ")", "x"]
            let words = (0..<8).map { _ in
                (0..<5).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            }
            let bytes = file.withUnsafeBytes { Array($0) }
            let outcome = try Wrapper.withFile(bytes) { path in
                let wrapped = ExecCommand(
                    executable: Wrapper.path, environmentFile: path,
                    command: ["/usr/bin/printf", "%s\\0"], arguments: words
                ) { _ in true }
                let byKubelet = (wrapped.command + wrapped.arguments).map { Self.expand($0, known) }
                return try Wrapper.run(Array(byKubelet.dropFirst()))
            }
            let truth = known.merging(ours) { _, ours in ours }
            let expected = words.map { Array((Self.expand($0, truth) + "\0").utf8) }.reduce([], +)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output == expected)
        }
    }

    /// Neither a trap (a signal) nor a command that runs with half a file.
    @Test("damaged files are refused with their code", arguments: 0..<20 as Range<UInt64>)
    func mutations(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var file = EnvironmentFile()
        for number in 0..<20 { try file.append(name: "NAME\(number)".utf8, value: "value \(number)".utf8) }
        let original = file.withUnsafeBytes { Array($0) }
        let words = ["\0", "=", "\n", " ", "0", "99999999", "-1", "18446744073709551615", "=\0", "NAME1=", "latchkey"]
        for _ in 0..<50 {
            let damaged = generator.mutated(original, words: words)
            let outcome = try Wrapper.withFile(damaged) { path in
                try Wrapper.run(["run", "--join=1,4", path, "--", "/usr/bin/printf", "<", "NAME3", "fallback", ">"])
            }
            let output = String(decoding: outcome.output, as: UTF8.self)
            if outcome.status == 0 {
                #expect(output.hasPrefix("<") && output.hasSuffix(">"))
            } else {
                #expect(outcome.status == 123, "\(outcome)")
                #expect(output.isEmpty && outcome.errors.hasPrefix("latchkey-exec: the environment file '"))
                #expect(outcome.errors.filter(\.isNewline).count == 1)
            }
        }
    }

    private static func randomBytes(_ count: ClosedRange<Int>, _ generator: inout SeededGenerator) -> [UInt8] {
        (0..<Int.random(in: count, using: &generator)).map { _ in UInt8.random(in: 1...255, using: &generator) }
    }

    private static func expand(_ text: String, _ variables: [String: String]) -> String {
        let bytes = VariableExpansion.expand(text.utf8) { name in variables[String(decoding: name, as: UTF8.self)]?.utf8
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
