import VaultClient

extension SecretSnapshot {
    /// What the look means for the pace of the next ones. That an object is gone is an answer like others.
    var pace: RefreshSchedule.Outcome {
        let errors = objects.compactMap(\.error).filter { !$0.isRevocation }
        guard !errors.isEmpty else { return .good }
        let retryAfter = errors.compactMap(\.retryAfter).max()
        return errors.contains { $0.kind == .throttled }
            ? .throttled(retryAfter: retryAfter) : .failed(retryAfter: retryAfter)
    }
}
