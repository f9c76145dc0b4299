import NIOHTTP1

/// The two probes. Liveness says that the process answers; readiness that an apiserver can use it.
struct Health: Sendable {
    let certificate: CertificateSource
    let lifecycle: Lifecycle
    /// Nil where the shape of pods is the operator's.
    let kubelets: KubeletWatch?

    var isReady: Bool { !lifecycle.isDraining && certificate.isValid && isShapeSettled }

    private var isShapeSettled: Bool { kubelets?.isSettled ?? true }

    /// Answers `/livez` and `/readyz`.
    func answer(_ head: HTTPRequestHead) -> HTTPAnswer {
        guard head.method == .GET || head.method == .HEAD else {
            return .failure(405, "probes are made with GET", allow: "GET, HEAD")
        }
        guard head.path == "/readyz" else { return .text(200, "ok") }
        if lifecycle.isDraining { return .text(503, "draining: the process is on its way out") }
        guard certificate.isValid else {
            return .text(503, "the certificate is not valid now; see latchkey_certificate_expiry_timestamp_seconds")
        }
        guard isShapeSettled else { return .text(503, "the versions of the cluster's kubelets are being read") }
        return .text(200, "ok")
    }
}
