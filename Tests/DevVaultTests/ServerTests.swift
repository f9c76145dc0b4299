import Foundation
import JSON
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Testing

@testable import DevVault

/// The server over TLS, in this process.
@Suite struct ServerTests {
    static let issuer = "https://issuer.example"
    static let client = "aaaaaaaa-0000-4000-8000-000000000001"

    static func configuration(_ key: AsymmetricKey) throws -> DevVaultConfiguration {
        var configuration = DevVaultConfiguration()
        configuration.vaults = [VaultConfiguration("shop", grants: [VaultGrant(clientID: client, secrets: ["get"])])]
        configuration.identities = [
            FederatedIdentity(issuer: issuer, subject: "system:serviceaccount:shop:web", clientID: client)
        ]
        let jwks: JSONValue = ["keys": [try TokenVerificationTests.jwk(key, "k1", algorithm: "ES384")]]
        configuration.issuers = [TrustedIssuer(issuer: issuer, keys: .inline(jwks))]
        return configuration
    }

    static func assertion(_ key: AsymmetricKey) throws -> String {
        let now = Timestamp.now()
        return try JSONWebToken.sign(
            [
                "iss": .string(issuer), "sub": "system:serviceaccount:shop:web", "aud": ["api://AzureADTokenExchange"],
                "iat": .number(JSONNumber(now)), "exp": .number(JSONNumber(now + 600)),
            ], with: key, keyID: "k1", algorithm: .es384)
    }

    @Test func tokenAndSecret() async throws {
        let key = try AsymmetricKey.generate(.ec(.p384))
        let server = try await DevVaultServer.start(try Self.configuration(key))
        do {
            try server.store.setSecret("db", value: "s3cret", vault: "shop")
            let client = try RawClient(server)
            let form =
                "client_id=\(Self.client)&grant_type=client_credentials&scope=https%3A%2F%2Fvault.azure.net%2F.default"
                + "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                + "&client_assertion=" + (try Self.assertion(key))
            let tenant = server.configuration.tenantID
            let login = try await client.send(
                "POST /\(tenant)/oauth2/v2.0/token HTTP/1.1\r\nHost: localhost:\(server.port)\r\n"
                    + "Content-Length: \(form.utf8.count)\r\nConnection: close\r\n\r\n\(form)")
            #expect(login.status == 200)
            let token = try #require(login.json?["access_token"]?.string)
            let read = try await client.send(
                "GET /secrets/db?api-version=7.4 HTTP/1.1\r\nHost: shop.vault.localhost:\(server.port)\r\n"
                    + "Authorization: Bearer \(token)\r\nConnection: close\r\n\r\n")
            #expect(read.json?["value"]?.string == "s3cret")
            #expect(server.faults.requests.map(\.status) == [200, 200])
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// Whatever comes in, the server answers or closes, and serves the next.
    @Test func hostileBytes() async throws {
        let server = try await DevVaultServer.start(try Self.configuration(try AsymmetricKey.generate(.ec(.p384))))
        let host = "Host: shop.vault.localhost\r\nConnection: close\r\n"
        let deep = String(repeating: "[", count: 5000)
        let hostile = [
            "GET /%zz HTTP/1.1\r\n\(host)\r\n", "GET /secrets/%ff?api-version=7.4 HTTP/1.1\r\n\(host)\r\n",
            "GET /secrets/a/b/c/d/e?api-version=7.4 HTTP/1.1\r\n\(host)\r\n", "GET * HTTP/1.1\r\n\(host)\r\n",
            "GET / HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n", "GET //// HTTP/1.1\r\n\(host)\r\n",
            "BREW /secrets/x HTTP/1.1\r\n\(host)\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
            "GET /secrets/x HTTP/1.1\r\n\(host)Authorization: Bearer ..\r\n\r\n",
            "POST /x/oauth2/v2.0/token HTTP/1.1\r\n\(host)Content-Length: \(deep.utf8.count)\r\n\r\n\(deep)",
            "POST /11111111-2222-3333-4444-555555555555/oauth2/v2.0/token HTTP/1.1\r\n"
                + "\(host)Content-Length: 3\r\n\r\n%%%",
            "POST /x HTTP/1.1\r\n\(host)Content-Length: 99999999999999999999\r\n\r\n",
        ]
        do {
            let client = try RawClient(server)
            for text in hostile {
                let answer = try await client.send(text)
                #expect((answer.status ?? 400) >= 400, "\(text.prefix(60))")
            }
            let endless = "POST /x HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"
            #expect(try await client.send(endless, patience: 1).status ?? 400 >= 400)
            let well = try await client.send("GET /common/discovery/instance HTTP/1.1\r\n\(host)\r\n")
            #expect(well.status == 200)
            let large = String(repeating: "x", count: 2_000_000)
            let put = "PUT /secrets/x HTTP/1.1\r\n\(host)Content-Length: 2000000\r\n\r\n"
            #expect(try await client.send(put + large).status == 413)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test func configurationProblemsAreNamed() async throws {
        let empty = DevVaultConfiguration()
        await #expect(throws: DevVaultError.configuration(key: "vaults", expected: "at least one vault")) {
            try await DevVaultServer.start(empty)
        }
        let unknown = DevVaultError.configuration(
            key: "vaults[0].nam", expected: "one of name, authorization, grants")
        #expect(throws: unknown) {
            try DevVaultConfiguration(json: ["vaults": [["nam": "x"]]])
        }
    }
}
