import Synchronization
import SecretSpec

/// Every metric of the webhook. Names here, nowhere else.
final class WebhookMetrics: Sendable {
    let requests = CounterFamily(
        "latchkey_http_requests_total", labels: ["path", "code"], "HTTP requests answered, by path and status code.")
    let admissions = CounterFamily(
        "latchkey_admission_reviews_total", labels: ["decision", "reason"], "Admission reviews answered.")
    let admissionDuration = Histogram(
        "latchkey_admission_duration_seconds",
        bounds: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
        "Time from a review's last byte to its answer.")
    let connectionsAccepted = CounterFamily(
        "latchkey_http_connections_accepted_total", labels: ["listener"], "Connections accepted.")
    let connectionsClosed = CounterFamily(
        "latchkey_http_connections_closed_total", labels: ["reason"], "Connections that the server closed of itself.")
    let handshakeFailures = CounterFamily(
        "latchkey_tls_handshake_failures_total", "Connections that broke in TLS before a request.")
    let certificateReloads = CounterFamily(
        "latchkey_certificate_reloads_total", labels: ["result"], "Changes of the certificate files taken over or not.")
    let serviceAccountReads = CounterFamily(
        "latchkey_serviceaccount_reads_total", labels: ["outcome"], "Reads of a ServiceAccount from the apiserver.")
    let serviceAccountDuration = Histogram(
        "latchkey_serviceaccount_read_duration_seconds",
        bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
        "Time that a read of a ServiceAccount took.")
    let imageLookups = CounterFamily(
        "latchkey_image_lookups_total", labels: ["outcome"],
        "Questions for the command of an image, answered from memory or by its registry.")
    let imageLookupDuration = Histogram(
        "latchkey_image_lookup_duration_seconds",
        bounds: [0.0001, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
        "Time until the command of an image was known, or was not.")
    let kubeletVersionReads = CounterFamily(
        "latchkey_kubelet_version_reads_total", labels: ["outcome"], "Reads of all nodes for the kubelets' versions.")
    private let inFlight = Atomic<Int>(0)

    /// A review is being answered.
    func reviewBegan() { inFlight.add(1, ordering: .relaxed) }
    /// It has been answered.
    func reviewEnded() { inFlight.subtract(1, ordering: .relaxed) }

    /// What is known only at the moment of a scrape.
    struct Snapshot {
        var admissionConnections = 0
        var metricsConnections = 0
        var certificateExpiry: Int?
        var isReady = false
        var droppedLogLines: UInt64 = 0
        var hasNativeSidecars = false
        var oldestKubelet: KubernetesVersion?
    }

    /// The whole exposition.
    func exposition(_ snapshot: Snapshot) -> [UInt8] {
        var text = PrometheusText()
        text.family("latchkey_build_info", type: "gauge", help: "The version that runs; always 1.")
        text.sample("latchkey_build_info", [("version", Release.version)], 1)
        text.gauge("latchkey_ready", snapshot.isReady ? 1 : 0, "Whether /readyz succeeds.")
        requests.write(to: &text)
        admissions.write(to: &text)
        admissionDuration.write(to: &text)
        text.gauge(
            "latchkey_admission_reviews_in_flight", Double(inFlight.load(ordering: .relaxed)),
            "Admission reviews being answered.")
        text.family("latchkey_http_connections", type: "gauge", help: "Open connections.")
        text.sample("latchkey_http_connections", [("listener", "admission")], Double(snapshot.admissionConnections))
        text.sample("latchkey_http_connections", [("listener", "metrics")], Double(snapshot.metricsConnections))
        connectionsAccepted.write(to: &text)
        connectionsClosed.write(to: &text)
        handshakeFailures.write(to: &text)
        if let expiry = snapshot.certificateExpiry {
            text.gauge(
                "latchkey_certificate_expiry_timestamp_seconds", Double(expiry),
                "When the serving certificate expires, since the Unix epoch.")
        }
        certificateReloads.write(to: &text)
        serviceAccountReads.write(to: &text)
        serviceAccountDuration.write(to: &text)
        imageLookups.write(to: &text)
        imageLookupDuration.write(to: &text)
        text.gauge(
            "latchkey_native_sidecars", snapshot.hasNativeSidecars ? 1 : 0,
            "Whether pods get native sidecars, the shape for Kubernetes 1.29 and later.")
        if let version = snapshot.oldestKubelet {
            text.family(
                "latchkey_oldest_kubelet_info", type: "gauge", help: "The version of the oldest kubelet; always 1.")
            text.sample("latchkey_oldest_kubelet_info", [("version", version.description)], 1)
        }
        kubeletVersionReads.write(to: &text)
        text.counter(
            "latchkey_log_lines_dropped_total", Double(snapshot.droppedLogLines),
            "Log lines dropped because nobody read them.")
        ProcessStatistics.read().write(to: &text)
        return text.bytes
    }
}
