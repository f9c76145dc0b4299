import Injector
import Synchronization

@testable import Webhook

/// Answers after a while, with no annotations, and counts.
final class SlowAccounts: ServiceAccountSource {
    private let delay: Duration
    private let asked = Mutex<[ServiceAccountName]>([])

    init(_ delay: Duration) { self.delay = delay }

    var calls: [ServiceAccountName] { asked.withLock { $0 } }

    func annotations(of account: ServiceAccountName) async throws(KubernetesError) -> [String: String] {
        asked.withLock { $0.append(account) }
        try? await Task.sleep(for: delay)
        return [:]
    }
}
