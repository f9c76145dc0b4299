import Foundation
import JSON
import SecretSpec
import Synchronization
import Testing

@testable import VaultClient

/// Counts calls from any thread.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    /// 1, 2, 3, ...
    @discardableResult
    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}

/// Entra ID and Key Vault, played by one scripted server, with a plan that leads to it.
final class FakeAzure: Sendable {
    static let tenant = "0f0f0f0f-1111-2222-3333-444444444444"
    static let client = "c11e9700-aaaa-bbbb-cccc-dddddddddddd"
    static let canaries = [
        "assertion-CANARY-7f3/+=", "access-CANARY-91b~._", "value-CANARY-\u{e4}-5d2/+= &",
    ]
    /// `access_token`s are this and a number.
    static let accessToken = "access-CANARY-91b~._"

    let authority: TestAuthority
    let server: ScriptedServer
    let directory: URL

    var tokenFile: String { directory.appendingPathComponent("token").path }

    typealias Handler = @Sendable (ScriptedServer.Received) -> ScriptedServer.Reply

    /// - Parameters:
    ///   - login: answers the token endpoint; nil for a token that lives for an hour.
    ///   - vault: answers everything else.
    init(login: Handler? = nil, vault: @escaping Handler) throws {
        authority = TestAuthority()
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("latchkey-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let count = Counter()
        server = try ScriptedServer(authority.issue()) { request in
            guard request.path.hasSuffix("/oauth2/v2.0/token") else { return vault(request) }
            if let login { return login(request) }
            return .json(
                #"{"token_type":"Bearer","expires_in":3600,"access_token":"\#(FakeAzure.accessToken)\#(count.next())"}"#
            )
        }
        try writeToken()
    }

    func stop() {
        server.stop()
        try? FileManager.default.removeItem(at: directory)
    }

    var loginRequests: [ScriptedServer.Received] { server.requests.filter { $0.path.hasSuffix("/oauth2/v2.0/token") } }
    var vaultRequests: [ScriptedServer.Received] { server.requests.filter { !$0.path.hasSuffix("/oauth2/v2.0/token") } }

    /// Puts a token into the file that ends so many seconds from now.
    func writeToken(expiresIn seconds: Int = 3600, mark: String = "1") throws {
        try Self.jwt(expiresIn: seconds, mark: mark).write(toFile: tokenFile, atomically: true, encoding: .utf8)
    }

    static func jwt(expiresIn seconds: Int, mark: String = "1") -> String {
        let now = Int(Date().timeIntervalSince1970)
        let claims =
            #"{"iss":"https://issuer.test/cluster","sub":"system:serviceaccount:shop:web","#
            + #""aud":["api://AzureADTokenExchange"],"iat":\#(now),"exp":\#(now + seconds),"jti":"\#(mark)"}"#
        func part(_ text: String) -> String {
            Data(text.utf8).base64EncodedString().replacingOccurrences(of: "+", with: "-")
                .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
        }
        return "\(part(#"{"alg":"RS256"}"#)).\(part(claims)).\(part(canaries[0]))"
    }

    func plan(
        _ references: [String], identity: AgentPlan.Azure.Identity? = nil, domains: [AgentPlan.Azure.Domain]? = nil,
        endpoints: [String: String] = [:], vaultIdentities: [String: AgentPlan.Azure.Identity] = [:],
        caBundle: String? = nil
    ) throws -> AgentPlan {
        let files = try references.enumerated().map { index, text in
            AgentPlan.File(
                source: "latchkey.dev/secret.f\(index)", path: try #require(RelativePath("f\(index)")), mode: 0o440,
                reference: try SecretReference(parsing: text))
        }
        return AgentPlan(
            directory: "/secrets", group: nil, files: files, startDeadlineSeconds: 60,
            azure: AgentPlan.Azure(
                authority: server.url, tokenFile: tokenFile,
                domains: domains
                    ?? [
                        AgentPlan.Azure.Domain(
                            suffix: "vault.localhost:\(server.port)", scope: "https://vault.localhost/.default")
                    ], endpoints: endpoints,
                identity: identity ?? AgentPlan.Azure.Identity(tenantID: Self.tenant, clientID: Self.client),
                vaultIdentities: vaultIdentities), caBundle: caBundle ?? authority.pem)
    }

    func client(
        _ plan: AgentPlan, timing: Timing = Timing(), change: (inout VaultClient.Options) -> Void = { _ in }
    ) -> VaultClient {
        var options = VaultClient.Options(environment: [:])
        options.retryPolicy.initialDelay = .milliseconds(1)
        change(&options)
        return VaultClient(plan: plan, options: options, timing: timing)
    }

    /// Resolves references with the defaults.
    func resolve(
        _ references: [String], deadline: Duration = .seconds(20)
    ) async throws -> Result<[ResolvedFile], ResolveFailures> {
        let client = client(try plan(references))
        defer { client.shutdown() }
        return await client.resolve(deadline: .now + deadline)
    }

    /// The one error of resolving one reference.
    func error(_ reference: String, deadline: Duration = .seconds(20)) async throws -> VaultError? {
        guard case .failure(let failures) = try await resolve([reference], deadline: deadline) else { return nil }
        return failures.first.error
    }

    /// A secret bundle.
    static func secret(_ value: String, contentType: String? = nil, attributes: String = #""enabled":true"#)
        -> ScriptedServer.Reply
    {
        var object = JSONObject()
        object.append("value", .string(value))
        if let contentType { object.append("contentType", .string(contentType)) }
        let attributesJSON = try? JSONValue(parsing: Array("{\(attributes)}".utf8))
        object.append("attributes", attributesJSON ?? .null)
        object.append("id", "https://shop.vault.azure.net/secrets/x/0123456789abcdef0123456789abcdef")
        return .json(JSONValue.object(object).text)
    }

    static func fault(_ status: Int, _ code: String, inner: String? = nil, headers: [(String, String)] = [])
        -> ScriptedServer.Reply
    {
        let innerText = inner.map { #","innererror":{"code":"\#($0)"}"# } ?? ""
        return .json(
            #"{"error":{"code":"\#(code)","message":"remote text \#(canaries[2])"\#(innerText)}}"#, status: status,
            headers: headers + [("x-ms-request-id", "ec4ff08f-4e2f-49a7-8160-151b568a0e77")])
    }
}

extension ResolvedFile {
    var text: String { bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}

extension SecretBytes {
    var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
