import Foundation
import Synchronization

/// A scripted vault whose secrets change and fail on demand. Each change of a value is a new version.
final class RotatingVault: Sendable {
    private struct State {
        var values: [String: (value: String, version: Int)] = [:]
        var faults: [String: ScriptedVault.Answer] = [:]
        var login: ScriptedVault.Answer?
        var expired: Set<String> = []
        var acceptedToken: String?
    }

    private final class Box: Sendable {
        let state = Mutex(State())
    }

    let server: ScriptedVault
    private let box = Box()

    /// - Parameter values: by name.
    init(_ values: [String: String]) throws {
        let box = box
        server = try ScriptedVault { request in
            box.state.withLock { Self.answer(request, $0) }
        }
        for (name, value) in values { set(name, to: value) }
    }

    /// A new version.
    func set(_ name: String, to value: String) {
        box.state.withLock { $0.values[name] = (value, ($0.values[name]?.version ?? 0) + 1) }
    }

    /// What a secret's requests are answered with instead; nil takes it back.
    func fail(_ name: String, with answer: ScriptedVault.Answer?) { box.state.withLock { $0.faults[name] = answer } }

    /// From now on a secret's expiration date lies in the past.
    func expire(_ name: String) { box.state.withLock { _ = $0.expired.insert(name) } }

    /// What logins are answered with instead.
    func failLogin(with answer: ScriptedVault.Answer?) { box.state.withLock { $0.login = answer } }

    /// From now on logins give this access token, and no other is accepted.
    func changeAccessToken(to token: String) { box.state.withLock { $0.acceptedToken = token } }

    /// How often a secret was asked for.
    func reads(of name: String) -> Int { server.requests.count { $0.path == "/secrets/\(name)" } }

    /// The bodies of the logins, which hold the assertions.
    var logins: [String] { server.requests.filter { $0.method == "POST" }.map(\.body) }

    static func version(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }

    private static func answer(_ request: ScriptedVault.Request, _ state: State) -> ScriptedVault.Answer {
        let token = state.acceptedToken ?? "canary-access-token"
        if request.method == "POST" {
            return state.login
                ?? .json(200, #"{"token_type":"Bearer","expires_in":3600,"access_token":"\#(token)"}"#)
        }
        let name = request.path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
        if let fault = state.faults[name] { return fault }
        guard request.headers.contains("Bearer \(token)\r\n") || request.headers.hasSuffix("Bearer \(token)") else {
            return .json(401, #"{"error":{"code":"Unauthorized","message":"canary"}}"#)
        }
        guard let secret = state.values[name] else {
            return .json(404, #"{"error":{"code":"SecretNotFound","message":"canary"}}"#)
        }
        let expiry = state.expired.contains(name) ? #","exp":1700000000"# : ""
        return .json(
            200,
            #"{"value":"\#(secret.value)","id":"https://127.0.0.1/secrets/\#(name)/\#(version(secret.version))","#
                + #""attributes":{"enabled":true,"created":1700000000,"updated":1700000000\#(expiry)}}"#)
    }
}
