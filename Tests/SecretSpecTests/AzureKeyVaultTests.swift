import SecretSpec
import Testing

struct AzureKeyVaultTests {
    private func object(_ text: String) throws -> AzureKeyVaultObject {
        try AzureKeyVaultObject(SecretReference(parsing: text))
    }

    @Test func defaultsAndParts() throws {
        let plain = try object("akv://Shop/Db-Password")
        #expect(plain.vault == "shop")
        #expect(!plain.vaultIsHost)
        #expect(plain.name == "Db-Password")
        #expect(plain.version == nil)
        #expect(plain.kind == .secret)
        #expect(plain.format == nil)
        #expect(plain.encoding == .utf8)
        let version = "0123456789abcdef0123456789abcdef"
        let whole = try object("akv://shop.vault.azure.net/tls/\(version)?type=certificate&format=pfx")
        #expect(whole.vault == "shop.vault.azure.net")
        #expect(whole.vaultIsHost)
        #expect(whole.version == version)
        #expect(whole.kind == .certificate)
        #expect(whole.format == .pfx)
    }

    @Test(arguments: [
        "abc", "a-b", "a1-2b", "abcdefghijklmnopqrstuvwx", "ABC", "a.b", "shop.vault.azure.net", "1.b", "a1.b-c.d",
        "xn--80ak6aa92e.com",
    ])
    func vaultsThatAreTaken(_ vault: String) throws {
        #expect(try object("akv://\(vault)/a").vault == vault.lowercased())
    }

    @Test(arguments: [
        "a", "ab", "abcdefghijklmnopqrstuvwxy", "1ab", "-ab", "ab-", "a--b", "a_b", "a b", "äbc", "a\u{212A}c",
        "\u{212A}.bc", "a%62c", "user@shop", "shop:443",
        "shop.vault.azure.net:443", "a..b", ".ab", "ab.", "a.-b", "a.b-", "[::1]", "a\u{301}bc", "a.\u{301}b",
        "user:pw@shop.vault.azure.net",
        String(repeating: "a", count: 64) + ".b", (0..<64).map { _ in "abc" }.joined(separator: "."),
    ])
    func vaultsThatAreRefused(_ vault: String) {
        expectInvalid("vault", vault, "akv://\(vault)/a")
    }

    @Test(arguments: [
        "a_b", "a.b", "a b", "ä", "a%20b", "a~b", "..", ".", "a%2Fb", "a\u{301}", String(repeating: "a", count: 128),
    ])
    func namesThatAreRefused(_ name: String) {
        let found = name.replacing("%20", with: " ").replacing("%2F", with: "/")
        expectInvalid("name", found, "akv://shop/\(name)")
    }

    @Test func theLongestNameIsTaken() throws {
        let name = String(repeating: "a", count: 127)
        #expect(try object("akv://shop/\(name)").name == name)
    }

    @Test(arguments: [
        "latest", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdeff",
        "0123456789abcdef0123456789abcdeg", "1",
    ])
    func versionsThatAreRefused(_ version: String) {
        expectInvalid("version", version, "akv://shop/a/\(version)")
    }

    @Test func pathsAreAtMostNameAndVersion() {
        expectInvalid("path", "a/b/c", "akv://shop/a/b/c")
    }

    @Test(arguments: [
        ("type", "Key"), ("type", ""), ("type", "secrets"), ("format", "PEM"), ("format", "p12"), ("encoding", "utf8"),
        ("encoding", "base64url"),
    ])
    func valuesThatAreRefused(_ name: String, _ value: String) {
        expectInvalid(name, value, "akv://shop/a?\(name)=\(value)")
    }

    @Test(arguments: [
        ("version=1", "version"), ("Type=key", "Type"), ("type=key&x=1", "x"), ("type=key&format=pem", "format"),
        ("type=key&encoding=hex", "encoding"), ("type=certificate&encoding=hex", "encoding"),
        ("format=pem&encoding=base64", "encoding"),
    ])
    func parametersThatAreRefused(_ query: String, _ parameter: String) {
        expectInvalid("parameter", parameter, "akv://shop/a?\(query)")
    }

    @Test(arguments: [
        "type=secret", "type=key", "type=certificate", "format=pem", "format=pfx", "type=secret&format=pfx",
        "type=certificate&format=pem",
        "encoding=utf-8", "encoding=base64", "encoding=hex", "type=secret&encoding=hex", "type=key&encoding=utf-8",
        "type=%6Bey",
    ])
    func parametersThatAreTaken(_ query: String) throws {
        _ = try object("akv://shop/a?\(query)")
    }

    @Test func itIsRegistered() {
        #expect(BackendDescriptor.named("akv") != nil)
        #expect(BackendDescriptor.named("AKV") == nil)
        #expect(Set(BackendDescriptor.all.map(\.scheme)).count == BackendDescriptor.all.count)
    }

    private func expectInvalid(_ part: String, _ found: String, _ text: String) {
        let problem = #expect(throws: ReferenceProblem.self) { try SecretReference(parsing: text) }
        guard case .invalid(let actualPart, let actualFound, let accepted)? = problem else {
            Issue.record("\(text): \(String(describing: problem))")
            return
        }
        #expect(actualPart == part)
        #expect(actualFound == found)
        #expect(problem?.description == "has the \(part) '\(found)'; accepted: \(accepted)")
    }
}
