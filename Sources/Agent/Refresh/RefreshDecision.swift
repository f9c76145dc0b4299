import SecretSpec
import VaultClient

/// What a look means for the volume, before anything is touched.
///
/// | the look's objects | keep | remove | fail |
/// |---|---|---|---|
/// | all were read | publish | publish | publish |
/// | some are revoked, the others were read | publish, with what they last held | publish without their files | fail |
/// | some are revoked, nothing of them is remembered | nothing | publish without their files | fail |
/// | some failed otherwise | nothing | nothing | nothing; where others are revoked, fail |
enum RefreshDecision {
    /// Files are to be made of this, and published where they differ.
    case publish(SecretSnapshot)
    /// What is published stays.
    case keep
    /// The agent ends, because of these.
    case fail(ResolveFailures)

    /// - Parameter last: what the published files are made of, where that is known.
    init(_ snapshot: SecretSnapshot, last: SecretSnapshot?, policy: AgentPlan.OnRevoked) {
        let failed = snapshot.objects.filter { $0.error != nil }
        let revoked = failed.filter { $0.error?.isRevocation == true }
        if policy == .fail, let failures = ResolveFailures(revoked.flatMap(Self.failures)) {
            self = .fail(failures)
            return
        }
        guard revoked.count == failed.count else {
            self = .keep
            return
        }
        let result = policy == .keep ? snapshot.keeping(from: last, where: \.isRevocation) : snapshot
        let isComplete = policy == .remove || result.objects.allSatisfy(\.isUsable)
        self = isComplete ? .publish(result) : .keep
    }

    private static func failures(_ object: SecretSnapshot.Object) -> [ResolveFailure] {
        guard let error = object.error else { return [] }
        return object.sources.map { ResolveFailure(source: $0, reference: object.reference, error: error) }
    }
}
