import SecretSpec
import VaultClient

/// What a look means for the volume, before anything is touched.
///
/// | the look's objects | keep | remove | fail |
/// |---|---|---|---|
/// | all were read | publish | publish | publish |
/// | some are revoked, the others were read | publish, with their files as they are | publish without their files | fail |
/// | some failed otherwise | nothing | nothing | nothing; where others are revoked, fail |
enum RefreshDecision {
    /// Files are to be made of what was read, and published where they differ.
    case publish
    /// What is published stays.
    case keep
    /// The agent ends, because of these.
    case fail(ResolveFailures)

    init(_ snapshot: SecretSnapshot, policy: AgentPlan.OnRevoked) {
        let failed = snapshot.objects.filter { $0.error != nil }
        let revoked = failed.filter { $0.error?.isRevocation == true }
        if policy == .fail, let failures = ResolveFailures(revoked.flatMap(Self.failures)) {
            self = .fail(failures)
        } else {
            self = revoked.count == failed.count ? .publish : .keep
        }
    }

    private static func failures(_ object: SecretSnapshot.Object) -> [ResolveFailure] {
        guard let error = object.error else { return [] }
        return object.sources.map { ResolveFailure(source: $0, reference: object.reference, error: error) }
    }
}
