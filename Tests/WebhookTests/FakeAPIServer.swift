import NIOHTTP1
import NIOPosix
import Synchronization

@testable import Webhook

/// An apiserver that knows what a test tells it, over TLS, and remembers what it was asked.
final class FakeAPIServer: Sendable {
    struct Seen: Sendable, Equatable {
        let method: String
        let uri: String
        let authorization: String?
    }

    private final class Router: RequestRouter {
        let answers = Mutex<[String: HTTPAnswer]>([:])
        let seen = Mutex<[Seen]>([])

        func plan(for head: HTTPRequestHead) -> RequestPlan {
            seen.withLock {
                $0.append(
                    Seen(
                        method: head.method.rawValue, uri: head.uri,
                        authorization: head.headers.first(name: "authorization")))
            }
            return .answer(
                answers.withLock { $0[head.uri] }
                    ?? .failure(404, "not found"))
        }
        func label(ofPath path: Substring) -> String { "other" }
        func review(_ body: [UInt8]) -> ReviewStep { .answer(.failure(404, "no")) }
    }

    let certificate: TestCertificate
    private let router = Router()
    private let listener: HTTPListener

    var origin: String { "https://localhost:\(listener.port)" }
    var seen: [Seen] { router.seen.withLock { $0 } }

    init() async throws {
        certificate = try TestCertificate()
        let metrics = WebhookMetrics()
        let source = try CertificateSource(
            certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, metrics: metrics,
            log: Log(level: .error, sink: MemorySink()))
        let environment = ListenerEnvironment(
            name: "fake", limits: ServerLimits(), router: router, metrics: metrics, threads: .singleton,
            lifecycle: Lifecycle())
        listener = try await HTTPListener.start(
            ListenAddress(host: "127.0.0.1", port: 0), group: MultiThreadedEventLoopGroup.singleton,
            certificate: source, environment: environment)
    }

    func set(_ account: String, _ answer: HTTPAnswer) {
        let parts = account.split(separator: "/")
        set(uri: "/api/v1/namespaces/\(parts[0])/serviceaccounts/\(parts[1])", answer)
    }

    func set(uri: String, _ answer: HTTPAnswer) {
        router.answers.withLock { $0[uri] = answer }
    }

    func stop() async {
        await listener.stopAccepting()
        listener.environment.registry.abortAll()
    }
}
