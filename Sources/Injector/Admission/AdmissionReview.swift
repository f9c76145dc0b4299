public import JSON

/// The request half of an `admission.k8s.io/v1` AdmissionReview
/// (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request).
public struct AdmissionReview: Sendable {
    /// The request's uid; the answer repeats it.
    public let uid: String
    /// The namespace that the object is created in.
    public let namespace: String
    /// `CREATE`, `UPDATE`, `DELETE` or `CONNECT`.
    public let operation: String
    /// The subresource, e.g. `ephemeralcontainers`; empty for the object itself.
    public let subResource: String
    /// Whether nothing will be stored; side effects are forbidden.
    public let isDryRun: Bool
    /// Whether the object is a core/v1 Pod.
    public let isPod: Bool
    /// The object; null on DELETE. From ``init(parsing:)`` it holds only what decisions look at.
    public let object: JSONValue

    /// Reads a request body; throws where it is no review that could be answered.
    public init(parsing bytes: [UInt8]) throws(AdmissionReviewError) {
        var document: JSONValue
        do {
            document = try JSONValue(parsing: bytes, keeping: Self.projection)
            if Self.hasOurContainer(document) { document = try JSONValue(parsing: bytes) }
        } catch {
            throw .malformed(error)
        }
        try self.init(document)
    }

    /// Whether the pod has a container of ours beside the application's already. It is held against what it should be
    /// field by field, and so such a pod, which is here for the second time, is read whole.
    private static func hasOurContainer(_ document: JSONValue) -> Bool {
        (document["request"]?["object"]?["spec"]?["containers"]?.array ?? []).contains {
            $0["name"]?.string == PodFragments.Name.refresh
        }
    }

    /// What of a review a decision may look at. Of a real one more than half is something else: managed fields, commands,
    /// probes, who asked.
    private static let projection = JSONProjection.only([
        "kind": .everything, "apiVersion": .everything,
        "request": .only([
            "uid": .everything, "kind": .everything, "namespace": .everything, "operation": .everything,
            "subResource": .everything, "dryRun": .everything, "object": PodView.projection,
        ]),
    ])

    /// Reads a parsed request body.
    public init(_ document: JSONValue) throws(AdmissionReviewError) {
        guard document["kind"]?.string == "AdmissionReview" else { throw .notAnAdmissionReview }
        guard document["apiVersion"]?.string == "admission.k8s.io/v1" else { throw .unsupportedVersion }
        guard let request = document["request"], request.object != nil else { throw .missingRequest }
        guard let uid = request["uid"]?.string, !uid.isEmpty else { throw .missingUID }
        guard let operation = request["operation"]?.string else { throw .missingOperation }
        self.uid = uid
        self.operation = operation
        namespace = request["namespace"]?.string ?? ""
        subResource = request["subResource"]?.string ?? ""
        isDryRun = request["dryRun"]?.bool ?? false
        let kind = request["kind"]
        isPod = kind?["group"]?.string == "" && kind?["version"]?.string == "v1" && kind?["kind"]?.string == "Pod"
        object = request["object"] ?? .null
        if isPod, operation == "CREATE", subResource.isEmpty, object.object == nil { throw .missingObject }
    }

    /// The pod's name for logs: `name`, or `generateName` with a `*` for what the apiserver will append.
    public var podName: String {
        let metadata = object["metadata"]
        if let name = metadata?["name"]?.string, !name.isEmpty { return name }
        return (metadata?["generateName"]?.string).map { "\($0)*" } ?? ""
    }
}

/// Why a body is no review that could be answered. To the apiserver each is an HTTP 400.
public enum AdmissionReviewError: Error, Equatable, Sendable, CustomStringConvertible {
    case malformed(JSONError)
    case notAnAdmissionReview
    case unsupportedVersion
    case missingRequest
    case missingUID
    case missingOperation
    case missingObject

    /// One sentence.
    public var description: String {
        switch self {
        case .malformed(let error): "the body is not JSON: \(error)"
        case .notAnAdmissionReview: "the body is no AdmissionReview: its kind is another"
        case .unsupportedVersion:
            "the AdmissionReview's apiVersion is not admission.k8s.io/v1; "
                + "set admissionReviewVersions: [v1] in the webhook configuration"
        case .missingRequest: "the AdmissionReview has no request"
        case .missingUID: "the AdmissionReview's request has no uid"
        case .missingOperation: "the AdmissionReview's request has no operation"
        case .missingObject: "the AdmissionReview's request has no object"
        }
    }
}
