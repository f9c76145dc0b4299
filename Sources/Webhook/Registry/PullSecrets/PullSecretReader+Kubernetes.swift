extension PullSecretReader {
    private static let requestTimeout: Duration = .milliseconds(1500)
    /// A Secret holds 1 MiB at most, which base64 makes a third larger.
    private static let maximumResponseBytes = 2 << 20

    /// A reader of this apiserver's objects.
    init(_ endpoint: KubernetesEndpoint) {
        let client = KubernetesClient(
            endpoint, timeout: Self.requestTimeout, maximumResponseBytes: Self.maximumResponseBytes)
        self.init { path in
            do throws(KubernetesError) {
                return .success(try await client.get(path))
            } catch {
                return .failure(PullSecretError.Fault(error))
            }
        }
    }
}

extension PullSecretError.Fault {
    fileprivate init(_ error: KubernetesError) {
        self =
            switch error {
            case .notFound: .notFound
            case .forbidden: .forbidden
            case .unauthorized:
                .failed("the apiserver does not accept Latchkey's own token; look at kubernetes.tokenFile")
            case .timeout: .failed("the apiserver did not answer in time")
            case .unreachable(let reason): .failed(reason)
            case .status(let status): .failed("the apiserver answered with HTTP status \(status)")
            case .malformedAnswer, .invalidName: .failed("what answers at kubernetes.url is no Kubernetes apiserver")
            case .notConfigured: .failed(KubernetesError.notConfiguredReason)
            }
    }
}
