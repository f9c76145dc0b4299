public import JSON

/// Pod in, decision out. Pure: no I/O, no clock, no randomness; equal input gives equal output.
public struct PodInjector: Sendable {
    let configuration: InjectorConfiguration

    /// An injector for one operator's configuration.
    public init(_ configuration: InjectorConfiguration) {
        self.configuration = configuration
    }

    /// The ServiceAccount whose annotations ``decide(_:serviceAccountAnnotations:)`` needs, or nil where the decision
    /// does not depend on any: pods that are skipped or denied anyway, and pods that state the whole identity.
    public func serviceAccount(neededFor review: AdmissionReview) -> ServiceAccountName? {
        guard skipReason(of: review) == nil else { return nil }
        return serviceAccount(neededFor: PodView(review.object), namespace: review.namespace)
    }

    /// Like ``serviceAccount(neededFor:)`` for a pod without a review.
    public func serviceAccount(neededForPod pod: JSONValue, namespace: String) -> ServiceAccountName? {
        serviceAccount(neededFor: PodView(pod), namespace: namespace)
    }

    /// Decides about a review.
    ///
    /// - Parameter annotations: those of the ServiceAccount that ``serviceAccount(neededFor:)`` named; nil where it
    ///   named none.
    public func decide(
        _ review: AdmissionReview, serviceAccountAnnotations annotations: [String: String]?
    ) -> InjectionDecision {
        if let reason = skipReason(of: review) { return .skip(reason) }
        return decide(PodView(review.object), namespace: review.namespace, annotations)
    }

    /// Decides about a pod that no apiserver has asked about.
    public func decide(
        pod: JSONValue, namespace: String, serviceAccountAnnotations annotations: [String: String]?
    ) -> InjectionDecision {
        decide(PodView(pod), namespace: namespace, annotations)
    }

    private func skipReason(of review: AdmissionReview) -> SkipReason? {
        if !review.isPod { return .notAPod }
        if review.operation != "CREATE" { return .notACreate }
        return review.subResource.isEmpty ? nil : .subresource
    }

    private func serviceAccount(neededFor pod: PodView, namespace: String) -> ServiceAccountName? {
        guard case .success(let request) = PodRequest.read(pod), request.needsServiceAccount else { return nil }
        return ServiceAccountName(namespace: namespace, name: pod.serviceAccountName)
    }

    private func decide(_ pod: PodView, namespace: String, _ annotations: [String: String]?) -> InjectionDecision {
        let request: PodRequest
        switch PodRequest.read(pod) {
        case .success(let read): request = read
        case .failure(.skip(let reason)): return .skip(reason)
        case .failure(.deny(let problems)): return .deny(problems)
        }
        let account = ServiceAccount(
            name: ServiceAccountName(namespace: namespace, name: pod.serviceAccountName),
            annotations: annotations ?? [:])
        return Planner(pod: pod, request: request, account: account, configuration: configuration).decision()
    }
}

/// A ServiceAccount by namespace and name.
public struct ServiceAccountName: Hashable, Sendable, CustomStringConvertible {
    /// Its namespace, as the review says; not checked against any grammar.
    public let namespace: String
    /// Its name, as the pod says; not checked against any grammar.
    public let name: String

    /// A ServiceAccount's name.
    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `namespace/name`.
    public var description: String { "\(namespace)/\(name)" }
}

/// What a decision may know of the pod's ServiceAccount.
struct ServiceAccount {
    let name: ServiceAccountName
    let annotations: [String: String]
}
