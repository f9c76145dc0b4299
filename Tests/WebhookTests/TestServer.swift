import Injector
import NIOSSL

@testable import Webhook

/// A webhook on loopback with everything a test wants to see.
struct TestServer {
    let server: WebhookServer
    let certificate: TestCertificate
    let sink: MemorySink
    let metrics: WebhookMetrics
    private let context: NIOSSLContext

    static func configuration(_ certificate: TestCertificate) -> WebhookConfiguration {
        var configuration = WebhookConfiguration(agentImage: "registry.example/agent:1")
        configuration.server.address = ListenAddress(host: "127.0.0.1", port: 0)
        configuration.server.metricsAddress = ListenAddress(host: "127.0.0.1", port: 0)
        configuration.server.certificateFile = certificate.certificateFile
        configuration.server.keyFile = certificate.keyFile
        configuration.server.drainDelay = .milliseconds(200)
        configuration.server.threads = 2
        configuration.follow(.version(.nativeSidecars))
        configuration.injector.azure.tenantID = "11111111-1111-1111-1111-111111111111"
        configuration.injector.azure.clientID = "22222222-2222-2222-2222-222222222222"
        return configuration
    }

    /// Runs a server for the length of `body` and stops it whatever happens.
    static func with(
        _ certificate: TestCertificate? = nil, limits: ServerLimits = ServerLimits(),
        accounts: any ServiceAccountSource = FixedServiceAccounts(),
        kubeletTiming: KubeletWatch.Timing = KubeletWatch.Timing(),
        configure: (inout WebhookConfiguration) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let certificate = try certificate ?? TestCertificate()
        var configuration = Self.configuration(certificate)
        configure(&configuration)
        let sink = MemorySink()
        let metrics = WebhookMetrics()
        let server = try await WebhookServer.start(
            configuration, serviceAccounts: accounts, sink: sink, limits: limits, metrics: metrics,
            certificatePoll: .milliseconds(20), kubeletTiming: kubeletTiming)
        let test = TestServer(
            server: server, certificate: certificate, sink: sink, metrics: metrics,
            context: try certificate.clientContext())
        do {
            try await body(test)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// A new connection to the HTTPS port.
    func connect() async throws -> TestClient {
        try await TestClient.connect(port: server.port, tls: context)
    }

    /// A new connection to the metrics port.
    func connectPlain() async throws -> TestClient {
        try await TestClient.connect(port: server.metricsPort, tls: nil)
    }

    /// One request on a connection of its own.
    func once(_ request: String, body: [UInt8] = []) async throws -> TestResponse {
        let client = try await connect()
        defer { client.close() }
        return try await client.exchange(Array(request.utf8) + body)
    }

    /// One GET on the metrics port.
    func scrape(_ path: String) async throws -> TestResponse {
        let client = try await connectPlain()
        defer { client.close() }
        return try await client.exchange(Array("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
    }
}
