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

    /// The versions that would be published; nil for `keep`.
    func versions(
        _ snapshot: SecretSnapshot, last: SecretSnapshot?, _ policy: AgentPlan.OnRevoked
    ) throws -> [String?]? {
        switch RefreshDecision(snapshot, last: last, policy: policy) {
        case .publish(let result): return result.objects.map(\.version)
        case .keep: return nil
        case .fail(let failures):
            Issue.record("failed: \(failures.all)")
            return nil
        }
    }

    @Test("everything read: everything is published", arguments: AgentPlan.OnRevoked.allCases)
    func read(policy: AgentPlan.OnRevoked) throws {
        #expect(try versions(Self.snapshot(.success("2"), .success("2")), last: nil, policy) == ["2", "2"])
    }

    @Test("keep: what was last read stands in for what is gone, again and again")
    func keep() throws {
        let last = try Self.snapshot(.success("1"), .success("1"))
        let look = try Self.snapshot(.success("2"), .failure(Self.gone))
        guard case .publish(let merged) = RefreshDecision(look, last: last, policy: .keep) else {
            Issue.record("nothing published")
            return
        }
        #expect(merged.objects.map(\.version) == ["2", "1"])
        #expect(merged.objects[1].error == Self.gone)
        #expect(try versions(look, last: merged, .keep) == ["2", "1"])
    }

    @Test("keep without anything remembered: nothing is published")
    func keepWithoutMemory() throws {
        #expect(try versions(Self.snapshot(.success("2"), .failure(Self.gone)), last: nil, .keep) == nil)
    }

    @Test("remove needs nothing remembered")
    func remove() throws {
        #expect(try versions(Self.snapshot(.success("2"), .failure(Self.gone)), last: nil, .remove) == ["2", nil])
    }

    @Test(
        "a passing fault publishes nothing, also beside one that is gone",
        arguments: [AgentPlan.OnRevoked.keep, .remove])
    func mixed(policy: AgentPlan.OnRevoked) throws {
        let last = try Self.snapshot(.success("1"), .success("1"))
        #expect(try versions(Self.snapshot(.success("2"), .failure(Self.slow)), last: last, policy) == nil)
        #expect(try versions(Self.snapshot(.failure(Self.gone), .failure(Self.slow)), last: last, policy) == nil)
    }

    @Test("fail ends the agent for what is gone, and for nothing else")
    func fail() throws {
        let last = try Self.snapshot(.success("1"), .success("1"))
        #expect(try versions(Self.snapshot(.success("2"), .failure(Self.slow)), last: last, .fail) == nil)
        let look = try Self.snapshot(.failure(Self.slow), .failure(Self.gone))
        guard case .fail(let failures) = RefreshDecision(look, last: last, policy: .fail) else {
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
