import Foundation
import SecretSpec
import Testing

@testable import VaultClient

/// Invariants 12, 15 and 24 end to end: where tokens go, what errors say, which assertion is sent.
@Suite struct CredentialSafetyTests {
    @Test("invariant 24: the token file is read for each exchange")
    func tokenSwapped() async throws {
        let azure = try FakeAzure(login: { _ in
            .json(#"{"token_type":"Bearer","expires_in":1,"access_token":"t"}"#)
        }) { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        let client = azure.client(try azure.plan(["akv://shop/x"]))
        defer { client.shutdown() }
        var sent: [String] = []
        for mark in ["1", "2", "3"] {
            try azure.writeToken(mark: mark)
            _ = try await client.resolve(deadline: .now + .seconds(20)).get()
            sent.append(try String(contentsOfFile: azure.tokenFile, encoding: .utf8))
            try await Task.sleep(for: .milliseconds(1000))
        }
        #expect(azure.loginRequests.map { $0.body.components(separatedBy: "client_assertion=").last } == sent)
    }

    @Test("invariant 24: an expired assertion is never sent, and a fresh one is taken up")
    func expiredAssertion() async throws {
        let azure = try FakeAzure { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        try azure.writeToken(expiresIn: -10)
        let error = try await azure.error("akv://shop/x", deadline: .milliseconds(300))
        #expect(error?.kind == .serviceAccountToken)
        #expect(azure.server.requests.isEmpty)

        let client = azure.client(try azure.plan(["akv://shop/x"]))
        defer { client.shutdown() }
        let resolving = Task { await client.resolve(deadline: .now + .seconds(20)) }
        try await Task.sleep(for: .milliseconds(100))
        try azure.writeToken()
        #expect(try await resolving.value.get().count == 1)
        #expect(azure.loginRequests.count == 1)
    }

    @Test("invariant 24: a clock five minutes wrong is survived", arguments: [-300, 300])
    func clockSkew(_ skew: Int) async throws {
        let azure = try FakeAzure { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        var timing = Timing()
        timing.wallSeconds = { Int(Date().timeIntervalSince1970) + skew }
        let client = azure.client(try azure.plan(["akv://shop/x"]), timing: timing)
        defer { client.shutdown() }
        #expect(try await client.resolve(deadline: .now + .seconds(20)).get().count == 1)
    }

    @Test("a token file that is missing or empty ends at once", arguments: [nil, ""])
    func noToken(_ content: String?) async throws {
        let azure = try FakeAzure { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        try FileManager.default.removeItem(atPath: azure.tokenFile)
        if let content { try content.write(toFile: azure.tokenFile, atomically: true, encoding: .utf8) }
        let error = try await azure.error("akv://shop/x")
        #expect(error?.kind == .serviceAccountToken && error?.isTransient == false)
        #expect(azure.server.requests.isEmpty)
    }

    @Test(
        "invariant 12: vaults that are not allowed get no connection and no login happens",
        arguments: [
            "akv://shop.evil.test/x", "akv://vault.localhost/x", "akv://shop.vault.localhost.evil.test/x",
            "akv://evilvault.localhost/x", "akv://127.0.0.1/x", "akv://2130706433.1/x",
        ])
    func foreignVault(_ reference: String) async throws {
        let azure = try FakeAzure { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        #expect(try await azure.error(reference)?.kind == .notConfigured)
        #expect(azure.server.connectionCount == 0)
    }

    @Test(
        "invariant 12: an authority or endpoint that is no https origin is not used",
        arguments: [
            "http://127.0.0.1", "https://user@127.0.0.1", "", "https://", "127.0.0.1",
        ])
    func badOrigins(_ url: String) async throws {
        let azure = try FakeAzure { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        let good = try #require(try azure.plan(["akv://shop/x"]).azure)
        let bad = AgentPlan.Azure(
            authority: url, tokenFile: good.tokenFile, domains: good.domains, identity: good.identity)
        let plan = AgentPlan(
            directory: "/s", group: nil, files: try azure.plan(["akv://shop/x"]).files, startDeadlineSeconds: 1,
            azure: bad, caBundle: azure.authority.pem)
        guard case .failure(let failures) = await azure.client(plan).resolve(deadline: .now + .seconds(5)) else {
            Issue.record("resolved")
            return
        }
        #expect(failures.first.error.kind == .notConfigured)
        #expect(azure.server.connectionCount == 0)
    }

    @Test("invariant 12: the assertion goes to the authority alone, the access token to the vault alone")
    func separation() async throws {
        let vault = try FakeAzure { _ in FakeAzure.secret("v") }
        defer { vault.stop() }
        let entra = try FakeAzure { _ in .init(status: 500) }
        defer { entra.stop() }
        let template = try #require(try vault.plan(["akv://shop/x"]).azure)
        let plan = AgentPlan(
            directory: "/s", group: nil, files: try vault.plan(["akv://shop/x"]).files, startDeadlineSeconds: 1,
            azure: AgentPlan.Azure(
                authority: entra.server.url, tokenFile: entra.tokenFile, domains: template.domains,
                identity: template.identity), caBundle: vault.authority.pem + entra.authority.pem)
        let client = entra.client(plan)
        defer { client.shutdown() }
        _ = try await client.resolve(deadline: .now + .seconds(20)).get()
        let assertion = try String(contentsOfFile: entra.tokenFile, encoding: .utf8)
        #expect(vault.server.requests.count == 1 && entra.server.requests.count == 1)
        #expect(!vault.server.requests.contains { $0.text.contains(assertion) })
        #expect(!entra.server.requests.contains { $0.text.contains(FakeAzure.accessToken) })
    }

    @Test(
        "invariant 12: a challenge that names another domain, authority or tenant is refused",
        arguments: [
            #"Bearer authorization="https://login.windows.net/T", resource="https://evil.test""#,
            #"Bearer authorization="https://login.windows.net/T", resource="https://localhost.evil.test""#,
            #"Bearer authorization="https://login.windows.net/T", resource="https://hop.vault.localhost""#,
            #"Bearer authorization="https://evil.test/T", resource="https://vault.localhost""#,
            #"Bearer authorization="https://login.windows.net@evil.test/T", resource="https://vault.localhost""#,
            #"Bearer authorization="http://login.windows.net/T", resource="https://vault.localhost""#,
            #"bearer resource=http://vault.localhost"#,
            #"Bearer authorization="https://login.windows.net/99999999-1111-2222-3333-444444444444", resource="https://vault.localhost""#,
        ])
    func hostileChallenge(_ challenge: String) async throws {
        let header = challenge.replacingOccurrences(of: "/T\"", with: "/\(FakeAzure.tenant)\"")
        let azure = try FakeAzure { _ in .init(status: 401, headers: [("WWW-Authenticate", header)]) }
        defer { azure.stop() }
        let error = try await azure.error("akv://shop/x")
        #expect(error?.kind == .challengeRefused, "\(String(describing: error))")
        #expect(azure.loginRequests.count == 1 && azure.vaultRequests.count == 1)
    }

    @Test(
        "a challenge that fits leads to a fresh login; one that cannot be read does no harm",
        arguments: [
            #"Bearer authorization="https://login.windows.net/T", resource="https://vault.localhost""#,
            #"Bearer authorization="https://login.microsoftonline.com/common", resource="https://vault.localhost""#,
            "Basic realm=\"x\"", "Bearer", "Bearer ", "Bearer ,,,", "Bearer =", "Bearer a=\"", "Bearer \"\"\"=,=",
        ])
    func harmlessChallenge(_ challenge: String) async throws {
        let header = challenge.replacingOccurrences(of: "/T\"", with: "/\(FakeAzure.tenant)\"")
        let calls = Counter()
        let azure = try FakeAzure { _ in
            calls.next() == 1 ? .init(status: 401, headers: [("WWW-Authenticate", header)]) : FakeAzure.secret("v")
        }
        defer { azure.stop() }
        #expect(try await azure.resolve(["akv://shop/x"]).get().count == 1)
        #expect(azure.loginRequests.count == 2)
    }

    /// Every way a server can answer badly, with canaries in all the text it chooses.
    static let hostileReplies: [ScriptedServer.Reply] = {
        let text = FakeAzure.canaries.joined(separator: " ") + FakeAzure.canaries.map(encodings).joined().joined()
        let inHeader = FakeAzure.canaries[1]
        let json =
            #"{"error":"\#(text)","error_description":"AADSTS700016: \#(text)","error_codes":["\#(text)"],"#
            + #""correlation_id":"\#(text)","message":"\#(text)"}"#
        let vault = #"{"error":{"code":"\#(text)","message":"\#(text)","innererror":{"code":"\#(text)"}}}"#
        let headers = [
            ("x-ms-request-id", inHeader),
            ("WWW-Authenticate", "Bearer resource=\"\(inHeader)\", authorization=\"\(inHeader)\""),
            ("Location", "https://user:\(inHeader)@x/\(inHeader)"), ("Retry-After", inHeader),
        ]
        let bodies = [json, vault, text, #"{"value":"\#(text)""#, #"{"cer":"\#(text)","key":{"kty":"\#(text)"}}"#]
        return [200, 201, 301, 307, 400, 401, 403, 404, 409, 418, 429, 500, 503].flatMap { status in
            bodies.map { ScriptedServer.Reply(status: status, headers: headers, body: Array($0.utf8)) }
        } + [
            FakeAzure.secret(text, contentType: "application/x-pkcs12"),
            FakeAzure.secret(text, contentType: "application/x-pem-file"),
            ScriptedServer.Reply(raw: "\(text)\r\n\r\n"),
        ]
    }()

    static func encodings(_ canary: String) -> [String] {
        let base64 = Data(canary.utf8).base64EncodedString()
        // Base64 of the canary in the middle of something else begins and ends differently.
        let inner = String(base64.dropFirst(4).dropLast(6))
        return [
            canary, base64, inner,
            base64.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_"),
            canary.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? canary, "CANARY",
        ]
    }

    @Test("invariant 15: no canary in any error, whatever goes wrong and whatever a server says")
    func canaries() async throws {
        for (index, reply) in (Self.hostileReplies + Self.hostileReplies).enumerated() {
            let isLogin = index < Self.hostileReplies.count
            let play: FakeAzure.Handler = { _ in reply }
            let azure = try FakeAzure(login: isLogin ? play : nil, vault: play)
            defer { azure.stop() }
            let references = [
                "akv://shop/a", "akv://shop/a#f", "akv://shop/a#*", "akv://shop/a?encoding=hex",
                "akv://shop/a?encoding=base64", "akv://shop/a?format=pem", "akv://shop/a?format=pfx",
                "akv://shop/b?type=key", "akv://shop/b?type=certificate",
            ]
            var timing = Timing()
            timing.random = { 0.999 }
            // One try each: after a pause the deadline is over.
            let pauses = Counter()
            timing.now = { .now + .seconds(pauses.value * 3600) }
            timing.sleep = { _ in pauses.next() }
            let client = azure.client(try azure.plan(references), timing: timing)
            defer { client.shutdown() }
            let result = await client.resolve(deadline: .now + .seconds(20))
            guard case .failure(let failures) = result else { continue }
            var shown = ""
            dump(failures, to: &shown)
            shown += failures.all.map { "\($0) \($0.error) \(String(reflecting: $0))" }.joined()
            for canary in FakeAzure.canaries.flatMap(Self.encodings) {
                #expect(!shown.contains(canary), "reply \(index): \(shown)")
            }
        }
    }

    @Test("invariant 15: secrets do not show themselves")
    func redacted() {
        let secret = SecretBytes(text: FakeAzure.canaries[2])
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped, "\([secret])", "\(SecretContent.whole(secret))"] {
            #expect(!text.contains("CANARY"))
        }
    }
}
