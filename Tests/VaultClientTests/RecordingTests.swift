import Foundation
import JSON
import SecretSpec
import TestSupport
import Testing

@testable import VaultClient

/// The real service's recorded answers go through the code that reads them.
@Suite(.enabled(if: Fixtures.arePresent, Comment(rawValue: Fixtures.skipMessage)))
struct RecordingTests {
    struct Exchange {
        let file: String
        let method: String
        let path: [String]
        let status: Int
        let body: [UInt8]
        let headers: [(name: String, value: String)]

        var response: HTTPResponse { HTTPResponse(status: status, headers: headers, body: SecretBytes(body)) }
        var json: JSONValue? { try? JSONValue(parsing: body) }
    }

    static func exchanges(_ folder: String) throws -> [Exchange] {
        try Fixtures.jsonFiles(in: "azure-recordings/\(folder)").flatMap { url in
            let records = try #require(try Fixtures.json(url)["networkCallRecords"]?.array)
            return try records.map { record in
                let path = try #require(URLComponents(string: record["Url"]?.string ?? "")?.path)
                let response = try #require(record["Response"]?.object)
                return Exchange(
                    file: url.lastPathComponent, method: record["Method"]?.string ?? "",
                    path: path.split(separator: "/").map(String.init),
                    status: try #require(response["STATUS_CODE"]?.string.flatMap { Int($0) }),
                    body: Array((response["BODY"]?.string ?? "").utf8),
                    headers: response.members.compactMap { member in
                        member.value.string.map { (name: member.name, value: $0) }
                    })
            }
        }
    }

    private func document(_ exchange: Exchange, _ reference: String) throws -> (KeyVaultDocument, SecretReference) {
        let reference = try SecretReference(parsing: reference)
        let object = try AzureKeyVaultObject(reference)
        let identity = AgentPlan.Azure.Identity(tenantID: "t", clientID: "c")
        let vault = AzureVaults.Vault(origin: try Origin(url: "https://v.test"), scope: "s", identity: identity)
        // At the time of the recording: the test certificates have ended since.
        let created = exchange.json?["attributes"]?["created"]?.int
        let document = try KeyVaultDocument(
            SecretBytes(exchange.body), KeyVaultContext(object: object, vault: vault),
            wallSeconds: try #require(created))
        return (document, reference)
    }

    private func text(_ exchange: Exchange, _ reference: String) throws -> String {
        let (document, reference) = try document(exchange, reference)
        guard case .whole(let bytes) = try document.content(for: reference) else { return "" }
        return bytes.text
    }

    @Test("every recorded read of a secret gives its value and version")
    func secrets() throws {
        var count = 0
        for exchange in try Self.exchanges("secrets")
        where exchange.method == "GET" && exchange.status == 200 && exchange.path.first == "secrets"
            && exchange.json?["value"]?.string != nil
        {
            count += 1
            #expect(try text(exchange, "akv://shop/x") == exchange.json?["value"]?.string)
            let (document, _) = try document(exchange, "akv://shop/x")
            #expect(document.version?.count == 32)
        }
        #expect(count == 7)
    }

    @Test("every recorded read of a key gives a public key that says what the JSON Web Key said")
    func keys() throws {
        var count = 0
        for exchange in try Self.exchanges("keys")
        where exchange.status == 200 && exchange.json?["key"]?.object != nil {
            count += 1
            if exchange.json?["attributes"]?["enabled"]?.bool == false {
                #expect(throws: VaultError.self) { try text(exchange, "akv://shop/x?type=key") }
                continue
            }
            let pem = try text(exchange, "akv://shop/x?type=key")
            let key = try #require(exchange.json?["key"])
            let (written, recorded) = (try PublicKeyParts(pem: pem), try PublicKeyParts(jwk: key))
            #expect(written == recorded, "\(exchange.file)")
        }
        #expect(count > 400)
    }

    @Test("every recorded read of a certificate gives its leaf")
    func certificates() throws {
        var count = 0
        for exchange in try Self.exchanges("certificates")
        where exchange.method == "GET" && exchange.status == 200 && exchange.path.first == "certificates"
            && exchange.json?["cer"] != nil
        {
            count += 1
            let pem = try text(exchange, "akv://shop/x?type=certificate")
            let base64 = pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
            #expect(base64 == exchange.json?["cer"]?.string)
        }
        #expect(count == 22)
    }

    @Test("a certificate's secret in both media types gives key and chain")
    func certificateSecrets() throws {
        let exchanges = try Self.exchanges("certificates").filter {
            $0.method == "GET" && $0.path.first == "secrets" && $0.status == 200
        }
        #expect(Set(exchanges.compactMap { $0.json?["contentType"]?.string }).count == 2)
        for exchange in exchanges {
            let isPEM = exchange.json?["contentType"]?.string == "application/x-pem-file"
            let plain = try text(exchange, "akv://shop/x")
            let normalised = try text(exchange, "akv://shop/x?format=pem")
            if isPEM { #expect(plain == exchange.json?["value"]?.string) } else { #expect(plain == normalised) }
            #expect(try text(exchange, "akv://shop/x?type=certificate&format=pem") == normalised)
            #expect(normalised.hasPrefix("-----BEGIN PRIVATE KEY-----"))
            let (document, reference) = try document(exchange, "akv://shop/x?format=pfx")
            guard case .whole(let pfx) = try document.content(for: reference) else {
                Issue.record("no file")
                continue
            }
            #expect(try CertificateBundle(pkcs12: pfx).pem().text == normalised)
            #expect(try text(exchange, "akv://shop/x#key") + text(exchange, "akv://shop/x#chain") == normalised)
        }
    }

    @Test("every recorded refusal becomes its kind, with the request id and without the service's text")
    func errors() throws {
        let kinds: [String: VaultError.Kind] = [
            "SecretNotFound": .notFound, "KeyNotFound": .notFound, "CertificateNotFound": .notFound,
            "ObjectIsDeletedButRecoverable": .deleted, "ObjectIsBeingDeleted": .deleted,
        ]
        var seen: Set<String> = []
        for folder in ["secrets", "keys", "certificates"] {
            for exchange in try Self.exchanges(folder) where exchange.status >= 400 {
                let error = exchange.json?["error"]
                let code = try #require((error?["innererror"]?["code"] ?? error?["code"])?.string)
                seen.insert(code)
                let object = try AzureKeyVaultObject(try SecretReference(parsing: "akv://shop/asked-name"))
                let identity = AgentPlan.Azure.Identity(tenantID: "t", clientID: "c")
                let vault = AzureVaults.Vault(origin: try Origin(url: "https://v.test"), scope: "s", identity: identity)
                let result = KeyVaultError(exchange.response, wallSeconds: 0)
                    .vaultError(KeyVaultContext(object: object, vault: vault))
                #expect(result.kind == kinds[code], "\(code)")
                #expect(result.description.contains("asked-name"))
                #expect(result.description.contains(try #require(exchange.response.header("x-ms-request-id"))))
                #expect(!result.description.contains(try #require(error?["message"]?.string)))
            }
        }
        #expect(seen == Set(kinds.keys))
    }
}
