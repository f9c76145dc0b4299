import Foundation
import JSON
import SecretSpec
import Testing

@testable import Agent

/// What an injected container gives the agent: a volume, a token, a termination file, a plan.
struct AgentBench {
    let folder: TemporaryFolder
    let volume: TemporaryFolder
    /// Texts that must not be shown.
    static let canaries = ["canary", Data("canary".utf8).base64EncodedString().prefix(7).description]

    init() throws {
        folder = try TemporaryFolder()
        volume = try TemporaryFolder()
        try write("old", to: "termination-log")
        try write(Self.token(expires: 4_000_000_000), to: "token")
    }

    var message: String { (try? String(contentsOfFile: folder.path + "/termination-log", encoding: .utf8)) ?? "" }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/" + name))
    }

    /// A service-account token as far as one can tell without its issuer's key.
    static func token(expires: Int) -> String {
        let parts = [
            #"{"alg":"RS256"}"#, #"{"aud":["api://AzureADTokenExchange"],"exp":\#(expires),"iat":1700000000}"#,
            "canary signature",
        ]
        return parts.map { part in
            Data(part.utf8).base64EncodedString().replacingOccurrences(of: "=", with: "")
                .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
        }.joined(separator: ".")
    }

    /// A plan whose login and vault, named `shop`, are one server of this machine.
    func plan(
        _ files: [(path: String, reference: String)], vault: ScriptedVault? = nil, port: Int = 1, deadline: Int = 0,
        directory: String? = nil
    ) throws -> String {
        let files = try files.map { file in
            AgentPlan.File(
                source: "latchkey.dev/secret.\(file.path)", path: try #require(RelativePath(file.path)),
                mode: 0o440, reference: try SecretReference(parsing: file.reference))
        }
        let plan = try plan(files: files, vault: vault, port: port, deadline: deadline, directory: directory)
        return String(decoding: plan.json.serialized(), as: UTF8.self)
    }

    /// The same as a value, with what happens after the start and with vaults of their own by name.
    func plan(
        files: [AgentPlan.File], vault: ScriptedVault? = nil, port: Int = 1, deadline: Int = 20,
        directory: String? = nil, refresh: AgentPlan.Refresh? = nil, endpoints: [String: String] = [:]
    ) throws -> AgentPlan {
        let origin = "https://127.0.0.1:\(vault?.port ?? port)"
        return AgentPlan(
            directory: directory ?? volume.path, group: nil, files: files, startDeadlineSeconds: deadline,
            refresh: refresh,
            azure: AgentPlan.Azure(
                authority: origin, tokenFile: folder.path + "/token",
                domains: [.init(suffix: "vault.azure.net", scope: "https://vault.azure.net/.default")],
                endpoints: ["shop": origin].merging(endpoints) { $1 },
                identity: .init(
                    tenantID: "11111111-1111-1111-1111-111111111111",
                    clientID: "22222222-2222-2222-2222-222222222222")),
            caBundle: try vault.map { try String(contentsOfFile: $0.certificateFile, encoding: .utf8) })
    }

    /// The status file; nil where there is none.
    var status: JSONValue? {
        (try? Data(contentsOf: URL(fileURLWithPath: volume.path + "/..status.json"))).flatMap {
            try? JSONValue(parsing: Array($0))
        }
    }

    func environment(_ plan: AgentPlan) -> [String: String] {
        environment(String(decoding: plan.json.serialized(), as: UTF8.self))
    }

    func environment(_ plan: String?) -> [String: String] {
        var environment = ["LATCHKEY_TERMINATION_LOG": folder.path + "/termination-log", "OTHER": "canary"]
        if let plan { environment[AgentPlan.environmentVariable] = plan }
        return environment
    }

    func run(_ plan: String?) throws -> Program.Outcome {
        try Program.agent.run(["init"], environment: environment(plan))
    }

    /// One line for each failure on standard error, the same text as termination message, nothing published, no secret,
    /// token or variable shown.
    func expectFailure(_ outcome: Program.Outcome, _ code: ExitCode, _ parts: String..., lines: Int = 1) {
        #expect(outcome.status == code.rawValue, "\(outcome)")
        #expect(outcome.output.isEmpty)
        let printed = outcome.errors.split(separator: "\n")
        #expect(printed.count == lines, "\(outcome.errors)")
        #expect(printed.allSatisfy { $0.hasPrefix("latchkey-agent: ") })
        #expect(message == printed.map { $0.dropFirst("latchkey-agent: ".count) + "\n" }.joined())
        for part in parts { #expect(outcome.errors.contains(part), "\(part) in \(outcome.errors)") }
        for canary in Self.canaries { #expect(!outcome.errors.contains(canary)) }
        #expect(volume.names == [])
    }
}
