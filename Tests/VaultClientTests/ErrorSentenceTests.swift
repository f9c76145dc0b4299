import SecretSpec
import Testing

@testable import VaultClient

/// Every refusal of the protocol has its kind, its remedy and the names that the remedy needs.
@Suite struct ErrorSentenceTests {
    private static let requestID = "ec4ff08f-4e2f-49a7-8160-151b568a0e77"

    private func vaultError(
        _ status: Int, _ code: String, _ inner: String? = nil, reference: String = "akv://shop/db"
    ) throws -> VaultError {
        try vaultError(FakeAzure.fault(status, code, inner: inner), reference: reference)
    }

    private func vaultError(
        _ reply: ScriptedServer.Reply, reference: String = "akv://shop/db"
    ) throws -> VaultError {
        let object = try AzureKeyVaultObject(try SecretReference(parsing: reference))
        let vault = AzureVaults.Vault(
            origin: try Origin(url: "https://shop.vault.azure.net"), scope: "https://vault.azure.net/.default",
            identity: .init(tenantID: "the-tenant", clientID: "the-client"))
        let response = HTTPResponse(
            status: reply.status, headers: reply.headers.map { (name: $0.0, value: $0.1) },
            body: SecretBytes(reply.body))
        return KeyVaultError(response, wallSeconds: 0).vaultError(KeyVaultContext(object: object, vault: vault))
    }

    @Test(
        "Key Vault's refusals",
        arguments: [
            (404, "SecretNotFound", nil, .notFound, "check the reference", false),
            (404, "KeyNotFound", nil, .notFound, "check the reference", false),
            (404, "CertificateNotFound", nil, .notFound, "check the reference", false),
            (404, "Other", nil, .notFound, "is a Key Vault", false),
            (401, "Unauthorized", nil, .unauthenticated, "azure.scope", false),
            (403, "Forbidden", "SecretDisabled", .disabled, "enable it", false),
            (403, "Forbidden", "ForbiddenByRbac", .forbidden, "the role 'Key Vault Secrets User'", false),
            (403, "Forbidden", "ForbiddenByPolicy", .forbidden, "permission 'Get'", false),
            (403, "Forbidden", "AccessDenied", .forbidden, "permission 'Get'", false),
            (403, "Forbidden", nil, .forbidden, "permission 'Get'", false),
            (403, "Forbidden", "ForbiddenByFirewall", .firewall, "outbound address", false),
            (403, "Forbidden", "ForbiddenByConnection", .firewall, "private endpoint", false),
            (409, "Conflict", "ObjectIsDeletedButRecoverable", .deleted, "recover it", false),
            (409, "Conflict", "ObjectIsBeingDeleted", .deleted, "being deleted", false),
            (409, "Conflict", "ObjectIsBeingRecovered", .unavailable, "being recovered", true),
            (429, "Throttled", nil, .throttled, "throttles", true), (503, "Other", nil, .unavailable, "503", true),
            (418, "Other", nil, .malformedAnswer, "418", false),
        ] as [(Int, String, String?, VaultError.Kind, String, Bool)])
    func keyVault(
        _ status: Int, _ code: String, _ inner: String?, _ kind: VaultError.Kind, _ remedy: String, _ isTransient: Bool
    ) throws {
        let error = try vaultError(status, code, inner)
        #expect(error.kind == kind && error.isTransient == isTransient)
        #expect(error.description.contains(remedy), "\(error)")
        #expect(error.description.contains("shop.vault.azure.net") && error.description.contains(Self.requestID))
        if kind == .forbidden {
            #expect(error.description.contains("the-client") && error.description.contains("the-tenant"))
        }
    }

    @Test("what is not Key Vault's own says nothing about a secret", arguments: [401, 403, 404, 409, 418])
    func foreign(_ status: Int) throws {
        let bodies = ["", "<html>Forbidden</html>", "{}", #"{"error":"Forbidden"}"#, #"{"error":{"message":"x"}}"#]
        for body in bodies {
            let error = try vaultError(.init(status: status, body: Array(body.utf8)))
            #expect(error.kind == .malformedAnswer && !error.isRevocation, "\(error)")
            #expect(error.description.contains("proxy") && error.description.contains("shop.vault.azure.net"))
        }
    }

    @Test("the role and the permission are those of what is read")
    func roles() throws {
        for (reference, role) in [
            ("akv://shop/db", "Key Vault Secrets User"), ("akv://shop/db?type=key", "Key Vault Reader"),
            ("akv://shop/db?type=certificate", "Key Vault Certificate User"),
            ("akv://shop/db?type=certificate&format=pem", "Key Vault Secrets User"),
        ] {
            let error = try vaultError(403, "Forbidden", "ForbiddenByRbac", reference: reference)
            #expect(error.description.contains("'\(role)'"))
        }
    }

    private func entraError(_ status: Int, _ body: String) throws -> VaultError {
        let response = HTTPResponse(status: status, headers: [], body: SecretBytes(text: body))
        let claims = try #require(JSONWebToken(FakeAzure.jwt(expiresIn: 60)))
        return EntraError(response, wallSeconds: 0).vaultError(
            identity: .init(tenantID: "the-tenant", clientID: "the-client"), scope: "the-scope", assertion: claims)
    }

    @Test(
        "Entra ID's refusals",
        arguments: [
            (700016, "azure-client-id"), (70021, "federated identity credential"),
            (700211, "issuer https://issuer.test"),
            (700011, "azure-client-id"), (700212, "audience api://AzureADTokenExchange"),
            (700213, "subject system:serviceaccount:shop:web"),
            (70025, "no federated identity credentials at all"),
            (90002, "the-tenant"), (900023, "the-tenant"), (7000215, "trust it by a federated identity credential"),
            (7000112, "disabled"), (7000229, "az ad sp create"), (70001, "disabled"), (53003, "conditional access"),
            (501051, "assign it"), (7000222, "trust it"),
        ])
    func entra(_ code: Int, _ remedy: String) throws {
        let bodies = [
            #"{"error":"invalid_client","error_codes":[\#(code)],"error_description":"x"}"#,
            #"{"error":"invalid_client","error_description":"AADSTS\#(code): Some text. Trace ID: x"}"#,
        ]
        for body in bodies {
            let error = try entraError(400, body)
            #expect(error.kind == .loginRefused && !error.isTransient && error.isRevocation)
            #expect(error.description.contains(remedy), "\(error)")
            #expect(error.description.contains("(AADSTS\(code))"))
        }
    }

    @Test(
        "a refusal that does not say that the identity is gone is no revocation",
        arguments: [
            (700024, "clocks"), (50027, "issuer"), (50013, "publishes its current keys"), (700027, "current keys"),
            (7000272, "publishes its current keys"), (90023, "the-client"), (123456, "the-client"),
        ])
    func otherRefusals(_ code: Int, _ words: String) throws {
        let error = try entraError(400, #"{"error":"invalid_client","error_codes":[\#(code)]}"#)
        #expect(error.kind == .loginRefused && error.isTransient && !error.isRevocation)
        #expect(error.description.contains(words) && error.description.contains("(AADSTS\(code))"), "\(error)")
    }

    @Test("a scope that nobody knows is the operator's fault", arguments: [70011, 500011])
    func scope(_ code: Int) throws {
        let error = try entraError(400, #"{"error":"invalid_scope","error_codes":[\#(code)]}"#)
        #expect(error.kind == .notConfigured && !error.isTransient && error.description.contains("the-scope"))
    }

    @Test("what is not Entra ID's own says nothing about the identity", arguments: [400, 401, 403, 404])
    func foreignLogin(_ status: Int) throws {
        for body in ["", "<html>AADSTS700016</html>", "{}", "[]", #"{"error":{"code":"x"}}"#] {
            let error = try entraError(status, body)
            #expect(error.kind == .malformedAnswer && !error.isRevocation)
            #expect(error.description.contains("azure.authority") && error.description.contains("\(status)"))
        }
    }

    @Test("passing faults of Entra ID")
    func transientEntra() throws {
        #expect(try entraError(429, "{}").kind == .throttled)
        for (status, body) in [
            (500, ""), (503, "{}"), (400, #"{"error":"temporarily_unavailable"}"#), (400, #"{"error_codes":[90033]}"#),
            (400, #"{"error_codes":[90055]}"#),
        ] {
            let error = try entraError(status, body)
            #expect(error.kind == .unavailable && error.isTransient)
        }
    }

    @Test("an issuer that Entra ID cannot read is named, and tried again", arguments: [90061, 50166])
    func unreadableIssuer(_ code: Int) throws {
        let error = try entraError(400, #"{"error":"invalid_request","error_codes":[\#(code)]}"#)
        #expect(error.kind == .unavailable && error.isTransient)
        #expect(error.description.contains("cannot read the issuer https://issuer.test"))
        #expect(error.description.contains("public") && error.description.contains("AADSTS\(code)"))
    }

    @Test("a correlation id is shown only where it is one")
    func correlation() throws {
        #expect(try entraError(400, #"{"correlation_id":"\#(Self.requestID)"}"#).description.contains(Self.requestID))
        #expect(try !entraError(400, #"{"correlation_id":"CANARY"}"#).description.contains("CANARY"))
    }

    @Test("a name that DNS does not know is told from DNS that does not answer")
    func unknownHost() {
        let unknown = HTTPError.unknownHost("x.vault.azure.net", isDefinite: true)
            .vaultError(service: "vault x", remedy: "check the vault's name in the reference")
        #expect(unknown.kind == .unknownHost && !unknown.isTransient && unknown.description.contains("check the vault"))
        let silent = HTTPError.unknownHost("x.vault.azure.net", isDefinite: false)
            .vaultError(service: "vault x", remedy: "check the vault's name in the reference")
        #expect(silent.isTransient && !silent.description.contains("check the vault"))
    }
}
