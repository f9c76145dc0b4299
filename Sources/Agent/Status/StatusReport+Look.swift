import SecretSpec
import VaultClient

extension StatusReport {
    /// Takes in what a look found.
    mutating func take(_ result: LookResult, at now: Moment) {
        lastLook = now
        fault = result.fault
        let earlier = Dictionary(objects.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first })
        objects = result.findings.map { finding in
            var object =
                earlier[finding.reference.text]
                ?? Object(reference: finding.reference.text, sources: finding.sources, state: .stale, since: now)
            object.take(finding, result, at: now)
            return object
        }
        if isSuccess(result) { lastSuccess = now }
    }

    /// Whether each object was read and what was read is published, or the object is known to be gone.
    private func isSuccess(_ result: LookResult) -> Bool {
        result.isPublished && result.fault == nil
            && zip(result.findings, objects).allSatisfy { finding, object in
                finding.error?.isRevocation ?? (object.state == .current)
            }
    }
}

extension StatusReport.Object {
    fileprivate mutating func take(_ finding: LookResult.Finding, _ result: LookResult, at now: Moment) {
        let new = newState(finding, result)
        if new != state {
            state = new
            since = now
        }
        if finding.error == nil { lastRead = now }
        error = finding.error.map { StatusReport.Fault(kind: $0.kind.rawValue, message: $0.description) }
        switch new {
        case .current: version = finding.version
        case .removed: version = nil
        case .stale, .revoked: break
        }
    }

    private func newState(_ finding: LookResult.Finding, _ result: LookResult) -> StatusReport.State {
        guard let error = finding.error else {
            if result.isPublished, result.carried.isDisjoint(with: finding.sources) { return .current }
            // Another object keeps files from being made: this one's may be up to date all the same.
            if state == .removed { return .removed }
            return version != nil && version == finding.version ? .current : .stale
        }
        if error.isRevocation, result.removesRevoked, result.isPublished { return .removed }
        // The files of one that was removed do not come back by another fault.
        if state == .removed { return .removed }
        return error.isRevocation ? .revoked : .stale
    }
}
