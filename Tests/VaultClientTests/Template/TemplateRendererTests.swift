import JSON
import SecretSpec
import Testing

@testable import VaultClient

/// What becomes of a whole template.
@Suite struct TemplateRendererTests {
    private func template(_ text: String) throws -> Template {
        try Template.parse(text, as: .file).get()
    }

    /// Values by the reference's text.
    private func content(
        _ values: [String: [UInt8]], count: Counter = Counter()
    ) -> (SecretReference) throws(VaultError) -> SecretContent {
        { reference throws(VaultError) in
            count.next()
            guard let value = values[reference.text] else { throw VaultError(.notFound, "no \(reference)") }
            return .whole(SecretBytes(value))
        }
    }

    @Test("bytes stay as they are between texts and one another")
    func binary() throws {
        let values: [String: [UInt8]] = ["akv://shop/a": [0, 0xFF, 0x0A], "akv://shop/b": [], "akv://shop/c": [0xC3]]
        let template = try template("é${akv://shop/a}${akv://shop/c}${akv://shop/b}\n$${x} ${akv://shop/a|base64}$")
        let expected =
            Array("é".utf8) + [0, 0xFF, 0x0A, 0xC3] + Array("\n${x} ".utf8) + Array("AP8K".utf8) + Array("$".utf8)
        #expect(try Rendering.bytes(template, content(values)) == expected)
        #expect(try Rendering.bytes(Template(pieces: []), content([:])) == [])
    }

    @Test("a JSON template with a JSON value in it")
    func json() throws {
        let text = #"{"user": ${akv://shop/u|json}, "nested": ${akv://shop/j|json}, "raw": ${akv://shop/j}}"#
        let values = ["akv://shop/u": Array("a\"b\nc".utf8), "akv://shop/j": Array(#"{"k":[1]}"#.utf8)]
        let json = try JSONValue(parsing: Rendering.bytes(template(text), content(values)))
        #expect(json["user"]?.string == "a\"b\nc")
        #expect(json["nested"]?.string == #"{"k":[1]}"#)
        #expect(json["raw"] == ["k": [1]])
    }

    @Test("every reference that fails is named once for each fault, and nothing else is")
    func failures() throws {
        let count = Counter()
        let text =
            "${akv://shop/gone} ${akv://shop/ok} ${akv://shop/binary|json} ${akv://shop/gone|json} ${akv://shop/binary} "
            + "${akv://shop/binary|yaml} ${akv://shop/binary|json} ${akv://shop/other}"
        var renderer = TemplateRenderer(
            content: content(["akv://shop/ok": [0x41], "akv://shop/binary": [0xFF]], count: count))
        renderer.render(try template(text))
        #expect(
            renderer.failures.map(\.reference.text)
                == ["akv://shop/gone", "akv://shop/binary", "akv://shop/binary", "akv://shop/other"])
        #expect(renderer.failures.map(\.error.kind) == [.notFound, .content, .content, .notFound])
        #expect(count.value == 4, "each is asked for once")
    }

    @Test("a template cannot make a file of any size out of a long secret")
    func bounded() throws {
        let reference = Template.Piece.secret(try SecretReference(parsing: "akv://shop/x"), nil)
        let value = [UInt8](repeating: 0x41, count: 1 << 20)
        let whole = Template(pieces: Array(repeating: reference, count: 4))
        #expect(try Rendering.bytes(whole, content(["akv://shop/x": value])).count == 4 << 20)
        var renderer = TemplateRenderer(content: content(["akv://shop/x": value]))
        renderer.render(Template(pieces: Array(repeating: reference, count: 1000)))
        #expect(renderer.failures.map(\.error.kind) == [.tooLarge])
        #expect(renderer.output.count <= 6 << 20)
    }
}
