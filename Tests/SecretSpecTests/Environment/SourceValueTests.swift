import SecretSpec
import Testing

@Suite("Values of ConfigMaps and Secrets")
struct SourceValueTests {
    static func mayHold(_ text: String) -> Bool {
        Array(text.utf8).withUnsafeBufferPointer { Template.mayHoldReference($0) }
    }

    @Test(
        "what stands for secrets is found",
        arguments: [
            ("akv://shop/db", ["akv://shop/db"]),
            ("AKV://shop/db#user", ["AKV://shop/db#user"]),
            ("${akv://shop/db}", ["${akv://shop/db}"]),
            (
                "a ${akv://shop/db|json} ${akv://shop/other#/x} ${HOME}",
                ["${akv://shop/db|json}", "${akv://shop/other#/x}"]
            ),
            ("$${akv://shop/db}", []), ("${HOME}", []), ("", []), ("see akv://shop/db", []),
        ])
    func found(text: String, keys: [String]) throws {
        let found = try Template.placeholders(of: text).get()
        #expect(found.map(\.key) == keys)
        #expect(found.allSatisfy { $0.template.isOnePlaceholder })
        #expect(Self.mayHold(text) || keys.isEmpty)
    }

    @Test(
        "what begins so and is none is a problem",
        arguments: [
            "akv://", "akv://shop/db\n", "akv://shop/db#*", "${akv://shop/db", "${akv://shop/db|none}", "${akv://}",
        ])
    func problems(text: String) {
        #expect(Self.mayHold(text))
        guard case .failure(let problems) = Template.placeholders(of: text) else {
            Issue.record("no problem")
            return
        }
        #expect(!problems.all.isEmpty)
    }

    @Test("most texts need no look", arguments: ["", "a", "${", "{akv://x}", "${HOME}", "akv:/", "see akv://shop/db"])
    func unsuspicious(text: String) {
        #expect(!Self.mayHold(text))
    }
}
