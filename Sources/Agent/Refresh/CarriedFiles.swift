import SecretSpec
import VaultClient

/// What stays byte for byte as it is published under the policy `keep`, because an object that it needs is revoked. It
/// is read back from the volume: no copy of a secret is kept, and a restarted agent finds it too.
struct CarriedFiles {
    /// The files' sources.
    let sources: Set<String>
    let files: [FileEntry]

    /// Nothing.
    init() {
        sources = []
        files = []
    }

    /// - Throws: where something that is to stay is not there.
    init(_ snapshot: SecretSnapshot, plan: AgentPlan, from publisher: Publisher) throws(StatusReport.Fault) {
        let revoked = snapshot.objects.filter { $0.error?.isRevocation == true }
        sources = Set(revoked.flatMap(\.sources))
        var files: [FileEntry] = []
        for file in plan.files where sources.contains(file.source) {
            guard let entries = publisher.published(file) else {
                throw Self.missing("'\(file.path)' of \(file.source)", "files")
            }
            files += entries
        }
        self.files = files
    }

    /// Where what is to stay is missing, nothing whole can be published.
    static func missing(_ what: String, _ kind: String) -> StatusReport.Fault {
        StatusReport.Fault(
            kind: kind,
            message:
                "\(what) is to stay as it is, because its secret is revoked, and cannot be read in the volume: give "
                + "the secret back, or start the pod anew")
    }
}

extension StatusReport.Fault: Error {}
