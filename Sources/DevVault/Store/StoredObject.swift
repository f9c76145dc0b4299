import JSON

/// A named object with its versions, oldest first; never without one.
struct StoredObject: Sendable {
    /// As first written; names are compared without case.
    let name: String
    var versions: [StoredVersion]
    var phase = Phase.active
    /// Of a deleted object.
    var deletion: Deletion?
    /// Certificates: the policy as it is shown, without `id`.
    var policy: JSONObject?
    /// Certificates: the operation that made the newest version.
    var operation: CertificateOperation?
    /// Keys: the policy as it is shown, without `id`.
    var rotationPolicy: JSONObject?

    /// Where the object is between use and oblivion. The numbers are polls still to be answered with "not yet".
    enum Phase: Equatable, Sendable {
        case active
        case deleting(polls: Int)
        case deleted
        case recovering(polls: Int)
    }

    /// Times in unix seconds.
    struct Deletion: Equatable, Sendable {
        var date: Int
        var scheduledPurge: Int
    }

    init(name: String, versions: [StoredVersion]) {
        self.name = name
        self.versions = versions
    }

    /// The newest version.
    var latest: StoredVersion? { versions.last }

    func version(_ id: String?) -> StoredVersion? {
        guard let id, !id.isEmpty else { return latest }
        return versions.first { $0.id == id }
    }

    func index(ofVersion id: String?) -> Int? {
        guard let id, !id.isEmpty else { return versions.indices.last }
        return versions.firstIndex { $0.id == id }
    }
}

/// The making of a certificate as `/pending` shows it.
struct CertificateOperation: Sendable {
    let requestID: String
    let csr: [UInt8]
    let issuer: String
    var polls: Int
    var isCancelled = false
    /// The version that appears when the polls are over; nil afterwards.
    var result: PendingCertificate?
}

/// A certificate that was made and is not shown yet.
struct PendingCertificate: Sendable {
    let version: StoredVersion
    let key: StoredVersion
    let secret: StoredVersion
}
