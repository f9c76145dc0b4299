import Foundation
import Glibc
import JSON
import SecretSpec
import Testing
import VaultClient

@testable import Agent

/// One look over three secrets of which one fails: every fault, at every position, under every policy.
@Suite("A look in which one secret fails", .timeLimit(.minutes(5)))
struct FaultMatrixTests {
    /// What goes wrong with one of the secrets.
    enum Fault: String, CaseIterable {
        // Passing faults, and what nobody can tell from one.
        case throttled, serverError, sealed, timeout, reset, truncated, unknownHost, wrongAuthority, malformed
        case assertionExpired
        // The secret, or the right to it, is gone.
        case notFound, disabled, deleted, forbidden, firewall, unauthenticated

        var isRevocation: Bool {
            [.notFound, .disabled, .deleted, .forbidden, .firewall, .unauthenticated].contains(self)
        }

        /// What the vault answers; nil where the fault is elsewhere.
        var answer: ScriptedVault.Answer? {
            switch self {
            case .throttled:
                .json(429, #"{"error":{"code":"Throttled","message":"canary"}}"#, headers: ["Retry-After: 1"])
            case .serverError: .json(500, "canary")
            case .sealed: .json(503, #"{"errors":["Vault is sealed"]}"#)
            case .timeout: .silence
            case .reset: .hangUp
            case .truncated: .raw("HTTP/1.1 200 x\r\nContent-Length: 500\r\n\r\ncanary")
            case .malformed: .json(200, #"{"val"#)
            case .notFound: .json(404, #"{"error":{"code":"SecretNotFound","message":"canary"}}"#)
            case .disabled: refusal("SecretDisabled")
            case .deleted: .json(404, #"{"error":{"code":"ObjectIsDeletedButRecoverable","message":"canary"}}"#)
            case .forbidden: refusal("ForbiddenByRbac")
            case .firewall: refusal("ForbiddenByFirewall")
            case .unauthenticated: .json(401, #"{"error":{"code":"Unauthorized","message":"canary"}}"#)
            case .unknownHost, .wrongAuthority, .assertionExpired: nil
            }
        }

        private func refusal(_ code: String) -> ScriptedVault.Answer {
            .json(403, #"{"error":{"code":"Forbidden","message":"canary","innererror":{"code":"\#(code)"}}}"#)
        }

        /// The error's kind in the status file.
        var kinds: Set<String> {
            switch self {
            case .throttled: ["throttled"]
            case .serverError, .sealed: ["unavailable"]
            case .timeout: ["timeout"]
            case .reset, .truncated: ["connection"]
            case .unknownHost: ["unknown_host"]
            case .wrongAuthority: ["tls"]
            case .malformed: ["malformed_answer"]
            case .assertionExpired: ["service_account_token"]
            case .notFound: ["not_found"]
            case .disabled: ["disabled"]
            case .deleted: ["deleted"]
            case .forbidden: ["forbidden"]
            case .firewall: ["firewall"]
            case .unauthenticated: ["unauthenticated"]
            }
        }
    }

    static let names = ["one", "two", "three"]

    @Test(
        "leaves on disk and in the status what the policy says",
        arguments: Fault.allCases, AgentPlan.OnRevoked.allCases)
    func matrix(fault: Fault, policy: AgentPlan.OnRevoked) async throws {
        for position in Self.names.indices {
            try await check(fault, at: position, policy)
        }
    }

    @Test("and the same where the agent was started again just before", arguments: Fault.allCases)
    func restarted(fault: Fault) async throws {
        try await check(fault, at: 1, .keep, isRestarted: true)
    }

    private func check(
        _ fault: Fault, at position: Int, _ policy: AgentPlan.OnRevoked, isRestarted: Bool = false
    ) async throws {
        let name = Self.names[position]
        let others = Self.names.filter { $0 != name }
        let stage = try await Stage(faulty: name, policy: policy)
        defer { stage.stop() }
        if isRestarted { stage.restart() }
        try stage.begin(fault)
        let outcome = await stage.look(at: 100)
        let seen = stage.bench.volume.visible
        let status = try #require(stage.bench.status)
        let object = try #require(status["objects"]?.array?[position])
        let case_: Comment = "\(fault) at \(name) under \(policy): \(seen), \(status.text)"

        let old = Dictionary(uniqueKeysWithValues: Self.names.map { ($0, "old \($0)") })
        let new = Dictionary(uniqueKeysWithValues: others.map { ($0, "new \($0)") })
        switch (fault.isRevocation, policy) {
        case (true, .keep):
            #expect(seen == new.merging(old) { new, _ in new }, case_)
            #expect(object["state"]?.string == "revoked", case_)
        case (true, .remove):
            #expect(seen == new, case_)
            #expect(object["state"]?.string == "removed" && object["version"] == nil, case_)
        case (true, .fail):
            #expect(seen == old, case_)
            #expect(object["state"]?.string == "revoked", case_)
        case (false, _):
            #expect(seen == old, case_)
            #expect(object["state"]?.string == "stale", case_)
            #expect(object["version"]?.string == RotatingVault.version(1), case_)
        }
        let isLogin = fault == .unauthenticated
        switch outcome {
        case .failure(let failure):
            #expect(fault.isRevocation && policy == .fail, case_)
            #expect(failure.exitCode == (isLogin ? .identity : .refused), case_)
            #expect(failure.sentences.count == 1 && failure.sentences[0].contains("akv://faulty/\(name)"), case_)
        case .success: #expect(!fault.isRevocation || policy != .fail, case_)
        }
        #expect(fault.kinds.contains(object["error"]?["kind"]?.string ?? ""), case_)
        let isPublished = fault.isRevocation && policy != .fail
        for (index, other) in Self.names.enumerated() where other != name && fault != .assertionExpired {
            let state = status["objects"]?.array?[index]["state"]?.string
            #expect(state == (isPublished ? "current" : "stale"), case_)
        }
        // Only a look whose findings are published is a good one; after a minute without one the health tells it.
        #expect(status["lastLook"]?.string == stage.moment(100).rfc3339, case_)
        #expect(status["lastSuccess"]?.string == stage.moment(isPublished ? 100 : 0).rfc3339, case_)
        #expect(stage.health(at: 101) == (isPublished ? 200 : 503), case_)
        #expect(!status.text.contains("canary") && !stage.said.contains("canary"), case_)

        // The fault passes: the next look brings everything up to date, whatever there was.
        try stage.end(fault)
        guard await stage.looksUntilCurrent(from: 200) else {
            Issue.record(case_)
            return
        }
        #expect(
            stage.bench.volume.visible == Dictionary(uniqueKeysWithValues: Self.names.map { ($0, "new \($0)") }), case_)
        let states = stage.bench.status?["objects"]?.array?.compactMap { $0["state"]?.string }
        #expect(states == ["current", "current", "current"] && stage.health(at: 201) == 200, case_)
        #expect(stage.bench.volume.leftovers(besides: Set(Self.names)) == ["..status.json"], case_)
    }
}

/// Three published secrets, the faulty one in a vault of its own name, and all of them rotated since.
private final class Stage {
    let bench: AgentBench
    private let faulty: String
    private let vault: RotatingVault
    private let stranger: ScriptedVault
    /// Between the client and the faulty secret's vault.
    private let relay: Relay
    private let start = Moment.now
    private let policy: AgentPlan.OnRevoked
    private let log: Int32
    private var refresher: Refresher
    private var client: VaultClient

    init(faulty: String, policy: AgentPlan.OnRevoked) async throws {
        bench = try AgentBench()
        self.faulty = faulty
        self.policy = policy
        vault = try RotatingVault(Dictionary(uniqueKeysWithValues: FaultMatrixTests.names.map { ($0, "old \($0)") }))
        // A certificate that nobody trusts.
        stranger = try ScriptedVault.serving()
        relay = try Relay(to: vault.server.port)
        log = open(bench.folder.path + "/log", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        let plan = try Self.plan(bench, vault, faulty, policy, endpoint: "https://127.0.0.1:\(relay.port)")
        client = VaultClient(plan: plan, options: Self.options)
        let console = Console(environment: [:], output: log, errors: log)
        let first = await client.look(deadline: .now + .seconds(30))
        var publisher = Publisher(plan)
        _ = try publisher.publish(client.files(of: first).get().map(FileEntry.init), [])
        refresher = Refresher(
            plan: plan, policy: policy, client: client, console: console,
            report: StatusReport(
                FirstFetch.Outcome(snapshot: first, environments: [], publisher: publisher), plan: plan, now: start),
            publisher: publisher, last: first)
        for name in FaultMatrixTests.names { vault.set(name, to: "new \(name)") }
    }

    func stop() {
        vault.server.stop()
        stranger.stop()
        relay.stop()
        client.shutdown()
        close(log)
    }

    var said: String { (try? String(contentsOfFile: bench.folder.path + "/log", encoding: .utf8)) ?? "" }

    func begin(_ fault: FaultMatrixTests.Fault) throws {
        vault.fail(faulty, with: fault.answer)
        switch fault {
        case .unknownHost: try reach(faultyAt: "https://no-such-host.invalid")
        case .wrongAuthority: relay.turn(to: stranger.port)
        case .assertionExpired:
            // The vault takes the old access token no more, and the projected token is too old for another.
            vault.changeAccessToken(to: "canary-second")
            try bench.write(AgentBench.token(expires: 1_700_000_100), to: "token")
        default: break
        }
    }

    func end(_ fault: FaultMatrixTests.Fault) throws {
        vault.fail(faulty, with: nil)
        try bench.write(AgentBench.token(expires: 4_000_000_000), to: "token")
        relay.turn(to: vault.server.port)
        // What no server of a test can do: the client has another endpoint for it, and so it is another client.
        if fault == .unknownHost { try reach(faultyAt: "https://127.0.0.1:\(relay.port)") }
    }

    /// Seconds after the start, as the status tells them.
    func moment(_ seconds: Int) -> Moment {
        Moment(instant: start.instant + .seconds(seconds), wallSeconds: start.wallSeconds + seconds)
    }

    /// What `/healthz` answers.
    func health(at seconds: Int) -> Int? {
        var report = refresher.report
        report.interval = .seconds(1)
        return LocalPages(report: report, looks: LookCounts(), started: start, servesMetrics: false)
            .answer("/healthz", probes: RestartProbes(), now: moment(seconds))?.status
    }

    /// The agent ends and another one takes over what is in the volume.
    func restart() {
        let plan = refresher.plan
        var report = StatusReport(plan: plan, now: start)
        report.noteGenerations(of: Publisher(plan))
        report.restore(refresher.report.json(now: start), now: start)
        client.shutdown()
        client = VaultClient(plan: plan, options: Self.options)
        refresher = Refresher(
            plan: plan, policy: policy, client: client, console: refresher.console, report: report,
            publisher: Publisher(plan))
    }

    /// A client that was told to wait does; so there may be several looks.
    func looksUntilCurrent(from seconds: Int) async -> Bool {
        for _ in 0..<200 {
            guard case .success = await look(at: seconds) else { return false }
            if refresher.report.objects.allSatisfy({ $0.state == .current && $0.error == nil }) { return true }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    /// What one look of the loop does.
    func look(at seconds: Int) async -> Result<Set<String>, AgentFailure> {
        let policy = RetryPolicy(initialDelay: .milliseconds(1), maximumAttempts: 2, retriesThrottled: false)
        let snapshot = await client.look(deadline: .now + .seconds(20), retryPolicy: policy)
        defer { StatusFile(plan: refresher.plan, console: refresher.console).write(refresher.report) }
        let needs = Result { () throws(EnvironmentProblems) in try EnvironmentNeeds(refresher.plan) }
        return Result { () throws(AgentFailure) in try refresher.take(snapshot, needs, at: moment(seconds)) }
    }

    /// The same agent with another way to the faulty secret's vault.
    private func reach(faultyAt endpoint: String) throws {
        client.shutdown()
        let plan = try Self.plan(bench, vault, faulty, policy, endpoint: endpoint)
        client = VaultClient(plan: plan, options: Self.options)
        refresher = Refresher(
            plan: plan, policy: policy, client: client, console: refresher.console, report: refresher.report,
            publisher: Publisher(plan))
    }

    private static var options: VaultClient.Options {
        var options = VaultClient.Options(environment: [:])
        options.requestTimeout = .milliseconds(400)
        return options
    }

    private static func plan(
        _ bench: AgentBench, _ vault: RotatingVault, _ faulty: String, _ policy: AgentPlan.OnRevoked, endpoint: String
    ) throws -> AgentPlan {
        try bench.plan(
            files: try FaultMatrixTests.names.map { name in
                AgentPlan.File(
                    source: "latchkey.dev/secret.\(name)", path: try #require(RelativePath(name)), mode: 0o444,
                    reference: try SecretReference(parsing: "akv://\(name == faulty ? "faulty" : "shop")/\(name)"))
            }, vault: vault.server,
            refresh: AgentPlan.Refresh(intervalMilliseconds: 1000, onRevoked: policy),
            endpoints: ["faulty": endpoint])
    }
}
