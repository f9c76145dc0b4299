import DevVault
import JSON
import VaultClient

/// Talks to the running dev vault as the developer, in Key Vault's own API.
struct DevClient: Sendable {
    private static let version = "api-version=7.4"

    private let session: DevSession
    private let http: HTTPClient
    private var accessToken = ""

    /// A client that has not logged in; enough for faults.
    init(_ folder: DevFolder) throws(InputProblem) {
        session = try DevSession(in: folder)
        http = HTTPClient(HTTPOptions(caFile: folder.caFile))
    }

    /// A client that has logged in as the developer.
    static func connect(_ folder: DevFolder) async throws -> DevClient {
        var client = try DevClient(folder)
        let assertion = try folder.issuer().token(
            subject: DevSettings.developerSubject, audience: DevSettings.audience, lifetime: 600)
        client.accessToken = try await client.login(assertion)
        return client
    }

    /// The vaults that run.
    var vaults: [String] { session.vaults }

    /// Adds a version and returns its name.
    func set(_ name: DevSecretName, _ value: String, contentType: String?) async throws -> String {
        var body = JSONObject([.init(name: "value", value: .string(value))])
        if let contentType { body.append("contentType", .string(contentType)) }
        let bundle = try await call("PUT", name.vault, "/secrets/\(name.name)", .object(body))
        return Self.lastSegment(bundle["id"])
    }

    /// One line for each secret, sorted as the vault does.
    func list(vault: String) async throws -> [String] {
        try await pages(vault, "/secrets").map { item in
            let state = item["attributes"]?["enabled"]?.bool == false ? " (disabled)" : ""
            let type = item["contentType"]?.string.map { " \($0)" } ?? ""
            return "\(vault)/\(Self.lastSegment(item["id"]))\(type)\(state)"
        }
    }

    /// Enables or disables every version.
    func setEnabled(_ name: DevSecretName, _ isEnabled: Bool) async throws {
        let versions = try await pages(name.vault, "/secrets/\(name.name)/versions")
        guard !versions.isEmpty else { throw InputProblem("\(name): there is no such secret") }
        for item in versions {
            _ = try await call(
                "PATCH", name.vault, "/secrets/\(name.name)/\(Self.lastSegment(item["id"]))",
                ["attributes": ["enabled": .bool(isEnabled)]])
        }
    }

    func delete(_ name: DevSecretName) async throws {
        _ = try await call("DELETE", name.vault, "/secrets/\(name.name)", nil)
    }

    /// Plays 429s; nil takes them back.
    func throttle(_ plan: (next: Int, retryAfter: Int)?) async throws {
        let body: JSONValue? = plan.map { plan in
            [
                "vault": [
                    "throttleNext": .number(JSONNumber(plan.next)), "retryAfter": .number(JSONNumber(plan.retryAfter)),
                ]
            ]
        }
        _ = try await send(
            body == nil ? "DELETE" : "PUT", "\(session.authority)/_devvault/faults", body?.serialized(),
            type: "application/json", bearer: session.controlToken)
    }

    private func login(_ assertion: String) async throws -> String {
        let form = [
            "client_id=\(DevSettings.developerClientID)", "grant_type=client_credentials",
            "scope=https%3A%2F%2Fvault.azure.net%2F.default",
            "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
            "client_assertion=\(assertion)",
        ]
        let answer = try await send(
            "POST", "\(session.authority)/\(session.tenantID)/oauth2/v2.0/token",
            Array(form.joined(separator: "&").utf8), type: "application/x-www-form-urlencoded", bearer: nil)
        guard let token = answer["access_token"]?.string else { throw InputProblem("the dev vault gave no token") }
        return token
    }

    private func pages(_ vault: String, _ path: String) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var url: String? = "\(session.origin(of: vault))\(path)?\(Self.version)"
        while let next = url {
            let page = try await send("GET", next, nil, type: nil, bearer: accessToken)
            items += page["value"]?.array ?? []
            url = page["nextLink"]?.string
        }
        return items
    }

    private func call(_ method: String, _ vault: String, _ path: String, _ body: JSONValue?) async throws -> JSONValue {
        try await send(
            method, "\(session.origin(of: vault))\(path)?\(Self.version)", body?.serialized(),
            type: body == nil ? nil : "application/json", bearer: accessToken)
    }

    private func send(
        _ method: String, _ url: String, _ body: [UInt8]?, type: String?, bearer: String?
    ) async throws -> JSONValue {
        var headers: [(String, String)] = []
        if let type { headers.append(("Content-Type", type)) }
        if let bearer { headers.append(("Authorization", "Bearer \(bearer)")) }
        let response: HTTPResponse
        do { response = try await http.send(HTTPRequest(method: method, url: url, headers: headers, body: body)) } catch
        {
            throw InputProblem("the dev vault does not answer (\(error)); is 'latchkey dev' still running?")
        }
        let bytes = response.body.withUnsafeBytes { Array($0) }
        let answer = bytes.isEmpty ? .null : (try? JSONValue(parsing: bytes)) ?? .null
        guard 200...299 ~= response.status else {
            let message = answer["error"]?["message"]?.string ?? answer["error_description"]?.string ?? "no reason"
            throw InputProblem("the dev vault refused (\(response.status)): \(message)")
        }
        return answer
    }

    private static func lastSegment(_ id: JSONValue?) -> String {
        id?.string?.split(separator: "/").last.map(String.init) ?? "?"
    }
}
