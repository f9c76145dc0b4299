public import JSON

/// Pod in, decision out. Pure: no I/O, no clock, no randomness; equal input gives equal output.
public struct PodInjector: Sendable {
    private let prepared: PreparedConfiguration

    /// An injector for one operator's configuration.
    public init(_ configuration: InjectorConfiguration) {
        prepared = PreparedConfiguration(configuration)
    }

    /// Reads what a review asks for and says whether the decision needs a ServiceAccount.
    public func examine(_ review: AdmissionReview) -> Examination {
        if let reason = skipReason(of: review) {
            return Examination(finding: .skip(reason), namespace: review.namespace, prepared: prepared)
        }
        return examine(pod: review.object, namespace: review.namespace)
    }

    /// Like ``examine(_:)`` for a pod that no apiserver has asked about.
    public func examine(pod: JSONValue, namespace: String) -> Examination {
        let view = PodView(pod)
        switch PodRequest.read(view) {
        case .success(let request):
            return Examination(finding: .request(view, request), namespace: namespace, prepared: prepared)
        case .failure(.skip(let reason)):
            return Examination(finding: .skip(reason), namespace: namespace, prepared: prepared)
        case .failure(.deny(let problems)):
            return Examination(finding: .deny(problems), namespace: namespace, prepared: prepared)
        }
    }

    /// Decides.
    ///
    /// - Parameters:
    ///   - annotations: those of the ServiceAccount that the examination names; nil where it names none.
    ///   - commands: of the images that the examination names, by ``ImageQuestion/image``. One that is missing counts as
    ///     not known.
    public func decide(
        _ examination: Examination, serviceAccountAnnotations annotations: [String: String]?,
        commands: [String: Result<ImageCommand, ImageCommandFailure>] = [:]
    ) -> InjectionDecision {
        switch examination.finding {
        case .skip(let reason): return .skip(reason)
        case .deny(let problems): return .deny(problems)
        case .request(let pod, let request):
            let name = ServiceAccountName(namespace: examination.namespace, name: pod.serviceAccountName)
            let account = ServiceAccount(name: name, annotations: annotations ?? [:])
            return Planner(
                pod: pod, request: request, account: account, prepared: prepared, commands: commands
            ).decision()
        }
    }

    private func skipReason(of review: AdmissionReview) -> SkipReason? {
        if !review.isPod { return .notAPod }
        if review.operation != "CREATE" { return .notACreate }
        return review.subResource.isEmpty ? nil : .subresource
    }
}

/// What a pod asks for, read once.
public struct Examination: Sendable {
    enum Finding: Sendable {
        case skip(SkipReason)
        case deny([InjectionProblem])
        case request(PodView, PodRequest)
    }

    let finding: Finding
    let namespace: String
    let prepared: PreparedConfiguration

    /// The ServiceAccount whose annotations the decision needs; nil where it depends on none: a pod that is skipped or
    /// denied anyway, or that states the whole identity.
    public var serviceAccount: ServiceAccountName? {
        guard case .request(let pod, let request) = finding, request.needsServiceAccount else { return nil }
        return ServiceAccountName(namespace: namespace, name: pod.serviceAccountName)
    }

    /// The images whose commands the decision needs, worked out anew each time: those of containers that get secrets
    /// into their environment by `latchkey-exec` and state no command.
    public var images: [ImageQuestion] {
        guard case .request(let pod, let request) = finding else { return [] }
        return Planner.images(pod, request, prepared)
    }

    /// What a registry may be asked with: the names of the pod's own pull secrets, and the ServiceAccount that the pod
    /// runs as, which may have more. Empty and nil where no image is asked for.
    public var pullSecrets: (names: [String], serviceAccount: ServiceAccountName?) {
        guard case .request(let pod, _) = finding, !images.isEmpty else { return ([], nil) }
        return (pod.imagePullSecrets, ServiceAccountName(namespace: namespace, name: pod.serviceAccountName))
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
