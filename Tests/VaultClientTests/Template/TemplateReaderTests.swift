import Foundation
import SecretSpec
import Testing

@testable import VaultClient

/// Programs that others wrote read what the filters wrote, and must read the value.
@Suite struct TemplateReaderTests {
    private static let texts = Rendering.texts(400)
    private static let hasYAML = Interpreter.works(["python3", "-c", "import yaml"])
    private static let hasDotenv = Interpreter.works(["python3", "-c", "import dotenv"])
    private static let hasJava = Interpreter.works(["java", "--version"])

    /// Values as base64 lines of a reader's answer.
    private func lines(_ data: Data) -> [String] {
        String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
            String(decoding: Data(base64Encoded: String($0)) ?? Data(), as: UTF8.self)
        }
    }

    private func expectSame(_ read: [String], _ values: [String], _ reader: String) {
        #expect(read.count == values.count, "\(reader)")
        for (one, other) in zip(read, values) {
            #expect(Array(one.utf8) == Array(other.utf8), "\(reader): \(other.debugDescription)")
        }
    }

    /// Feeds base64 lines of documents to a Python expression of the document's bytes `d`.
    private func python(_ imports: String, _ expression: String, _ documents: [[UInt8]]) throws -> [String] {
        let script = """
            import sys, base64, \(imports)
            for line in sys.stdin.buffer.read().split(b"\\n")[:-1]:
                d = base64.b64decode(line)
                print(base64.b64encode((\(expression)).encode()).decode())
            """
        let input = documents.map { Data($0).base64EncodedString() + "\n" }.joined()
        return lines(try Interpreter.run(["python3", "-c", script], input: Data(input.utf8)))
    }

    @Test("Python reads JSON, alone and inside a document", .enabled(if: Interpreter.works(["python3", "--version"])))
    func json() throws {
        let documents = try Self.texts.map { try Rendering.bytes(Array($0.utf8), .json) }
        expectSame(try python("json", "json.loads(d)", documents), Self.texts, "json")
        let inside = documents.map { Array("{\"a\": [1, ".utf8) + $0 + Array("], \"b\": 2}\n".utf8) }
        expectSame(try python("json", "json.loads(d)['a'][1]", inside), Self.texts, "json")
    }

    @Test(
        "PyYAML and libyaml read YAML, as a value, in a list and as a document",
        .enabled(if: hasYAML, "needs PyYAML"))
    func yaml() throws {
        let documents = try Self.texts.map { try Rendering.bytes(Array($0.utf8), .yaml) }
        let forms: [(String, String, String)] = [
            ("", "", ""), ("a:\n  b: ", "\n  c: 1\n", "['a']['b']"), ("a: [1, ", ", 2]\n", "['a'][1]"),
            ("- ", " # comment\n", "[0]"),
        ]
        let loaders = ["yaml.SafeLoader"] + (hasLibYAML ? ["yaml.CSafeLoader"] : [])
        for (before, behind, path) in forms {
            let texts = documents.map { Array(before.utf8) + $0 + Array(behind.utf8) }
            for loader in loaders {
                expectSame(try python("yaml", "yaml.load(d, \(loader))\(path)", texts), Self.texts, loader)
            }
        }
    }

    private var hasLibYAML: Bool { Interpreter.works(["python3", "-c", "import yaml; yaml.CSafeLoader"]) }

    @Test("Python reads what is percent-encoded", .enabled(if: Interpreter.works(["python3", "--version"])))
    func url() throws {
        let documents = try Self.texts.map { try Rendering.bytes(Array($0.utf8), .url) }
        let read = try python("urllib.parse", "urllib.parse.unquote_to_bytes(d).decode()", documents)
        expectSame(read, Self.texts, "url")
        let form = "urllib.parse.parse_qs('x=1&v=' + d.decode() + '&y=2', keep_blank_values=True)['v'][0]"
        expectSame(try python("urllib.parse", form, documents), Self.texts, "query")
    }

    @Test("shells read words", arguments: ["sh", "bash"])
    func shell(_ shell: String) throws {
        guard Interpreter.works([shell, "-c", ":"]) else { return }
        var script: [UInt8] = []
        let values = Self.texts.map { Array($0.utf8) }.filter { !$0.contains(0) } + [Array(1...255)]
        for value in values {
            script += Array("printf '%s\\0' ".utf8) + (try Rendering.bytes(value, .sh)) + Array("\n".utf8)
        }
        let read = try Interpreter.run([shell], input: Data(script))
        #expect(read == Data(values.flatMap { $0 + [0] }))
    }

    /// What dotenv carries at all, with a name for each.
    private func dotenvMembers() -> [(String, String)] {
        Self.texts.filter { text in Rendering.error { try Rendering.text([("A", text)], .dotenv) } == nil }
            .enumerated().map { ("V\($0)", $1) }
    }

    @Test("shells source dotenv files", arguments: ["sh", "bash"])
    func sourced(_ shell: String) throws {
        guard Interpreter.works([shell, "-c", ":"]) else { return }
        let members = dotenvMembers()
        #expect(members.count > 50)
        let script = try Rendering.text(members, .dotenv) + members.map { "printf '%s\\0' \"$\($0.0)\"\n" }.joined()
        let read = try Interpreter.run([shell], input: Data(script.utf8))
        #expect(read == Data(members.flatMap { Array($0.1.utf8) + [0] }))
    }

    @Test("python-dotenv reads dotenv files", .enabled(if: hasDotenv, "needs python-dotenv"))
    func pythonDotenv() throws {
        let members = dotenvMembers()
        let script = """
            import sys, io, base64, dotenv
            stream = io.TextIOWrapper(io.BytesIO(sys.stdin.buffer.read()), encoding="utf-8")
            for value in dotenv.dotenv_values(stream=stream).values():
                print(base64.b64encode(value.encode()).decode())
            """
        let file = Data(try Rendering.text(members, .dotenv).utf8)
        expectSame(lines(try Interpreter.run(["python3", "-c", script], input: file)), members.map(\.1), "dotenv")
    }

    @Test("Java reads properties, as ISO-8859-1 and as UTF-8", .enabled(if: hasJava, "needs java"))
    func java() throws {
        let members = Self.texts.enumerated().map { ("\($1)\($0)", $1) }
        let program = """
            import java.io.*; import java.nio.charset.StandardCharsets; import java.util.*;
            public class Read {
                static String encode(String text) {
                    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
                }
                public static void main(String[] arguments) throws Exception {
                    byte[] file = System.in.readAllBytes();
                    Properties latin = new Properties(), unicode = new Properties();
                    latin.load(new ByteArrayInputStream(file));
                    unicode.load(new InputStreamReader(new ByteArrayInputStream(file), StandardCharsets.UTF_8));
                    if (!latin.equals(unicode)) System.exit(1);
                    for (String name : latin.stringPropertyNames())
                        System.out.println(encode(name) + "\\n" + encode(latin.getProperty(name)));
                }
            }
            """
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("latchkey-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = folder.appendingPathComponent("Read.java")
        try program.write(to: source, atomically: true, encoding: .utf8)
        let file = Data(try Rendering.text(members, .properties).utf8)
        let read = lines(try Interpreter.run(["java", source.path], input: file))
        var values: [Data: Data] = [:]
        for index in stride(from: 0, to: read.count - 1, by: 2) {
            values[Data(read[index].utf8)] = Data(read[index + 1].utf8)
        }
        #expect(values.count == members.count)
        for (name, value) in members {
            #expect(values[Data(name.utf8)] == Data(value.utf8), "\(name.debugDescription)")
        }
    }
}
