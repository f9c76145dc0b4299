import NIOSSL
import Synchronization

/// The serving certificate: loaded from files, loaded anew when their content changes.
///
/// The content is compared, not the time stamps: a kubelet swaps a symbolic link, others write in place. A new pair that
/// is broken is reported once and the old one stays.
final class CertificateSource: Sendable {
    private struct State {
        var pair: CertificatePair
        /// The files that were refused last, so that they are reported once.
        var refused: CertificatePair.Files?
        var unreadable: CertificatePair.Failure?
    }

    private let certificateFile: String
    private let keyFile: String
    private let metrics: WebhookMetrics
    private let log: Log
    private let state: Mutex<State>

    /// Loads the pair; without one there is nothing to serve.
    init(
        certificateFile: String, keyFile: String, metrics: WebhookMetrics, log: Log
    ) throws(CertificatePair.Failure) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.metrics = metrics
        self.log = log
        let files = try CertificatePair.readFiles(certificate: certificateFile, key: keyFile)
        let pair = try CertificatePair(files, certificatePath: certificateFile, keyPath: keyFile)
        state = Mutex(State(pair: pair))
    }

    /// The context that a new connection is served with.
    var context: NIOSSLContext { state.withLock { $0.pair.context } }

    /// When the serving certificate expires, in seconds since the Unix epoch.
    var expiry: Int { state.withLock { $0.pair.notAfter } }

    /// Whether the serving certificate is valid now.
    var isValid: Bool {
        let now = Timestamp.now().seconds
        return state.withLock { $0.pair.isValid(at: now) }
    }

    /// Looks at the files once.
    func refresh() {
        do throws(CertificatePair.Failure) {
            let files = try CertificatePair.readFiles(certificate: certificateFile, key: keyFile)
            let (isServed, isRefused) = state.withLock { ($0.pair.files == files, $0.refused == files) }
            if isServed { clearFailure() }
            if isServed || isRefused { return }
            take(files)
        } catch {
            reportUnreadable(error)
        }
    }

    private func take(_ files: CertificatePair.Files) {
        do throws(CertificatePair.Failure) {
            let pair = try CertificatePair(files, certificatePath: certificateFile, keyPath: keyFile)
            state.withLock { $0 = State(pair: pair) }
            metrics.certificateReloads.increment("success")
            log.write(
                .info, "certificate taken over",
                [("notAfter", .text(Timestamp(seconds: pair.notAfter, nanoseconds: 0).rfc3339))])
        } catch {
            // The two files may have been read from either side of a swap: only what still stands there is a failure.
            if let again = try? CertificatePair.readFiles(certificate: certificateFile, key: keyFile), again != files {
                return
            }
            state.withLock { $0.refused = files }
            reportFailure(error)
        }
    }

    private func clearFailure() {
        state.withLock {
            $0.refused = nil
            $0.unreadable = nil
        }
    }

    private func reportUnreadable(_ failure: CertificatePair.Failure) {
        let isKnown = state.withLock { state in
            defer { state.unreadable = failure }
            return state.unreadable == failure
        }
        if !isKnown { reportFailure(failure) }
    }

    private func reportFailure(_ failure: CertificatePair.Failure) {
        metrics.certificateReloads.increment("failure")
        log.write(
            .error, "certificate files refused; the old certificate stays", [("problem", .text(failure.description))])
    }
}
