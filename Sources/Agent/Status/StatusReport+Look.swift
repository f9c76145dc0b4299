import SecretSpec
import VaultClient

extension StatusReport {
    /// Takes in what a look found.
    mutating func take(_ result: LookResult, at now: Moment) {
        lastLook = now
        if result.isSuccess { lastSuccess = now }
        fault = result.fault
        let earlier = Dictionary(objects.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first })
        objects = result.findings.map { finding in
            var object =
                earlier[finding.reference.text]
                ?? Object(reference: finding.reference.text, sources: finding.sources, state: .stale, since: now)
            object.take(finding, result, at: now)
            return object
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
            if result.isPublished { return .current }
            // Another object keeps the files from being made: this one's may be up to date all the same.
            if state == .removed { return .removed }
            return version != nil && version == finding.version ? .current : .stale
        }
        if error.isRevocation, result.removesRevoked, result.isPublished { return .removed }
        // The files of one that was removed do not come back by another fault.
        if state == .removed { return .removed }
        return error.isRevocation ? .revoked : .stale
    }
}
