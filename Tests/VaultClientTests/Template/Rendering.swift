import SecretSpec
import TestSupport
import Testing

@testable import VaultClient

/// Renders without a vault.
enum Rendering {
    struct Failed: Error {
        let failures: [(reference: SecretReference, error: VaultError)]
    }

    /// One value through one filter.
    static func bytes(_ value: [UInt8], _ filter: Template.Filter?) throws -> [UInt8] {
        let piece = Template.Piece.secret(try SecretReference(parsing: "akv://shop/x"), filter)
        return try bytes(Template(pieces: [piece])) { _ in .whole(SecretBytes(value)) }
    }

    /// Members through one filter.
    static func bytes(_ members: [(String, [UInt8])], _ filter: Template.Filter?) throws -> [UInt8] {
        let piece = Template.Piece.secret(try SecretReference(parsing: "akv://shop/x#*"), filter)
        return try bytes(Template(pieces: [piece])) { _ in .members(members.map { ($0, SecretBytes($1)) }) }
    }

    static func bytes(
        _ template: Template, _ content: @escaping (SecretReference) throws(VaultError) -> SecretContent
    ) throws -> [UInt8] {
        var renderer = TemplateRenderer(content: content)
        renderer.render(template)
        guard renderer.failures.isEmpty else { throw Failed(failures: renderer.failures) }
        return renderer.output.take().withUnsafeBytes { Array($0) }
    }

    static func text(_ value: String, _ filter: Template.Filter?) throws -> String {
        String(decoding: try bytes(Array(value.utf8), filter), as: UTF8.self)
    }

    static func text(_ members: [(String, String)], _ filter: Template.Filter?) throws -> String {
        String(decoding: try bytes(members.map { ($0, Array($1.utf8)) }, filter), as: UTF8.self)
    }

    /// The one error of a value that a filter refuses.
    static func error(_ body: () throws -> some Any) -> VaultError? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? Failed)?.failures.first?.error
        }
    }

    /// Texts with everything in them that some format gives a meaning; the same in every run.
    static func texts(_ count: Int) -> [String] {
        var generator = SeededGenerator(seed: 7)
        let words = [
            "'", "\"", "\\", "\\\\", "$", "${A}", "`", "\n", "\r", "\t", " ", "#", "!", "=", ":", "%41", "&", "---",
            "...",
            "\\n", "\\u0041", "{", "}", "[", "a", "key", "0", "\u{7F}", "\u{85}", "\u{A0}", "\u{2028}", "\u{2029}",
            "\u{FEFF}", "\u{FFFE}", "\u{FFFF}", "\u{1F600}", "\u{1FFFE}", "\u{10FFFF}", "e\u{301}", "\u{1}", "\u{1B}",
            "\u{B}", "\u{C}", "-", "? ", "- ", "|", ">", "*", "~", "null", "\u{D7FF}", "\u{E000}", "ä", "日本",
        ]
        let single = words + ["", "a b", " lead", "trail ", "it's", "l1\nl2\n", "\\", "a\\"]
        return single
            + (0..<count).map { _ in
                (0..<Int.random(in: 1...8, using: &generator)).map { _ in
                    generator.once(in: 4)
                        ? generator.text(maximumLength: 6) : words.randomElement(using: &generator) ?? ""
                }.joined()
            }
    }
}
