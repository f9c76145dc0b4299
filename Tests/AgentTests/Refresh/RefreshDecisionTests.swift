import SecretSpec
import Testing

@testable import Agent
@testable import VaultClient

@Suite("What a look means for the volume")
struct RefreshDecisionTests {
    struct Document: VaultDocument {
        let version: String?
        let warning: String? = nil

        func content(for reference: SecretReference) throws(VaultError) -> SecretContent {
            .whole(SecretBytes(text: version ?? ""))
        }
    }

    /// Two objects, each read in a version or failed.
    static func snapshot(_ results: Result<String, VaultError>...) throws -> SecretSnapshot {
        var objects: [SecretSnapshot.Object] = []
        var indices: [VaultLocation: Int] = [:]
        for (index, result) in results.enumerated() {
            var error: VaultError?
            if case .failure(let problem) = result { error = problem }
            objects.append(
                SecretSnapshot.Object(
                    reference: try SecretReference(parsing: "akv://shop/s\(index)"),
                    sources: ["latchkey.dev/secret.s\(index)"], error: error,
                    document: (try? result.get()).map { Document(version: $0) }))
            indices[VaultLocation(url: "s\(index)", account: "")] = index
        }
        return SecretSnapshot(objects: objects, indices: indices)
    }

    static let gone = VaultError(.notFound, "gone")
    static let slow = VaultError(.timeout, "slow", isTransient: true)

    /// What a decision is, by name.
    func decision(_ snapshot: SecretSnapshot, _ policy: AgentPlan.OnRevoked) -> String {
        switch RefreshDecision(snapshot, policy: policy) {
        case .publish: "publish"
        case .keep: "keep"
        case .fail: "fail"
        }
    }

    @Test("everything read: everything is published", arguments: AgentPlan.OnRevoked.allCases)
    func read(policy: AgentPlan.OnRevoked) throws {
        #expect(try decision(Self.snapshot(.success("2"), .success("2")), policy) == "publish")
    }

    @Test("what is gone does not keep the others from being published", arguments: [AgentPlan.OnRevoked.keep, .remove])
    func revoked(policy: AgentPlan.OnRevoked) throws {
        #expect(try decision(Self.snapshot(.success("2"), .failure(Self.gone)), policy) == "publish")
    }

    @Test(
        "a passing fault publishes nothing, also beside one that is gone",
        arguments: [AgentPlan.OnRevoked.keep, .remove])
    func mixed(policy: AgentPlan.OnRevoked) throws {
        #expect(try decision(Self.snapshot(.success("2"), .failure(Self.slow)), policy) == "keep")
        #expect(try decision(Self.snapshot(.failure(Self.gone), .failure(Self.slow)), policy) == "keep")
    }

    @Test("fail ends the agent for what is gone, and for nothing else")
    func fail() throws {
        #expect(try decision(Self.snapshot(.success("2"), .failure(Self.slow)), .fail) == "keep")
        let look = try Self.snapshot(.failure(Self.slow), .failure(Self.gone))
        guard case .fail(let failures) = RefreshDecision(look, policy: .fail) else {
            Issue.record("not failed")
            return
        }
        #expect(failures.all.map(\.source) == ["latchkey.dev/secret.s1"])
        #expect(AgentFailure(failures).exitCode == .refused)
    }

    @Test("the pace: a secret that is gone is an answer like others, a throttled one counts above the rest")
    func pace() throws {
        let throttled = VaultError(.throttled, "", isTransient: true, retryAfter: .seconds(3))
        let down = VaultError(.unavailable, "", isTransient: true, retryAfter: .seconds(9))
        #expect(try Self.snapshot(.success("1"), .failure(Self.gone)).pace == .good)
        #expect(try Self.snapshot(.success("1"), .failure(Self.slow)).pace == .failed(retryAfter: nil))
        #expect(try Self.snapshot(.failure(down), .failure(Self.slow)).pace == .failed(retryAfter: .seconds(9)))
        #expect(try Self.snapshot(.failure(throttled), .failure(down)).pace == .throttled(retryAfter: .seconds(9)))
    }
}
