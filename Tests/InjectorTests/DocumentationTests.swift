import Foundation
import Testing

@testable import Injector

/// `docs/annotations.md` is made from the table. `make docs` runs this test with LATCHKEY_UPDATE_DOCS=1.
@Suite("Documentation")
struct DocumentationTests {
    private let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs/annotations.md")

    @Test("docs/annotations.md says what the table says")
    func annotationsPage() throws {
        if ProcessInfo.processInfo.environment["LATCHKEY_UPDATE_DOCS"] == "1" {
            try AnnotationTable.markdown.write(to: page, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOf: page, encoding: .utf8)
        #expect(written == AnnotationTable.markdown, "run `make docs`")
    }

    @Test("keys are told apart whatever their order in the table")
    func keysAreUnambiguous() {
        let keys = [
            "inject", "secret.a", "path.a", "mode.a", "mount-path", "containers", "azure-client-id.v",
            "x", "modex.a", "template.a", "refresh", "on-revoked", "on-change", "on-change.a",
        ]
        for key in keys {
            #expect(AnnotationTable.all.count { $0.name(in: key[...]) != nil } <= 1)
        }
        #expect(Set(AnnotationTable.all.map(\.key)).count == AnnotationTable.all.count)
    }
}
