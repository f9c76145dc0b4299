import SecretSpec
import Testing

@Suite("Wrapped commands")
struct ExecCommandTests {
    @Test("the wrapper and its file come before the command, and nothing else changes")
    func wrapping() {
        #expect(
            ExecCommand.wrapping(
                ["sh", "-c", "echo $(A) -- $$"], environment: "/run/latchkey/environment",
                executable: "/run/latchkey/bin/latchkey-exec")
                == [
                    "/run/latchkey/bin/latchkey-exec", "run", "/run/latchkey/environment/environment", "--", "sh", "-c",
                    "echo $(A) -- $$",
                ])
    }

    @Test(
        "a text is written so that Kubernetes' expansion leaves it as it is",
        arguments: ["", "a", "$", "$$", "$(A)", "$$(A)", "$(", "${akv://shop/db}", "é$é"])
    func unexpanded(text: String) {
        let written = ExecCommand.unexpanded(text)
        // `$$` is all that is left of the grammar, and it comes out as `$`.
        #expect(written.utf8.filter { $0 == UInt8(ascii: "$") }.count % 2 == 0)
        #expect(Self.halved(written).utf8.elementsEqual(text.utf8))
    }

    private static func halved(_ text: String) -> String {
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            result.append(byte)
            if byte == UInt8(ascii: "$") { _ = rest.popFirst() }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
