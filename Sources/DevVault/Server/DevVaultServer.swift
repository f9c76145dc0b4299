import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// A Key Vault and the part of Entra ID that logs workloads in, on one TLS port, for development and tests.
///
/// Vaults are `https://<name>.<dnsSuffix>:<port>`, the token endpoint is `https://localhost:<port>/<tenant>/oauth2/v2.0/
/// token`. Both speak HTTP/1.1 with a certificate of the development CA in ``caCertificatePEM``.
public final class DevVaultServer: Sendable {
    /// The port it listens on.
    public let port: Int
    /// What clients have to trust.
    public let caCertificatePEM: String
    /// The file with ``caCertificatePEM``; nil where nothing is kept in files.
    public let caCertificateFile: String?
    /// What the vaults hold; changes count at once.
    public let store: DevVaultStore
    /// What it was started with.
    public let configuration: DevVaultConfiguration
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup

    /// Faults on demand and the requests so far.
    public var faults: DevVaultFaults { store.faults }

    /// `https://<name>.<dnsSuffix>:<port>`
    public func vaultURL(_ name: String) -> String { "https://\(name).\(configuration.dnsSuffix):\(port)" }

    /// The authority for `AZURE_AUTHORITY_HOST`.
    public var authorityURL: String { "https://localhost:\(port)" }

    init(
        channel: any Channel, port: Int, group: MultiThreadedEventLoopGroup, store: DevVaultStore,
        configuration: DevVaultConfiguration, certificates: DevelopmentCertificates, folder: String?
    ) {
        self.channel = channel
        self.port = port
        self.group = group
        self.store = store
        self.configuration = configuration
        caCertificatePEM = certificates.caPEM
        caCertificateFile = folder.map(DevelopmentCertificates.caPath)
    }

    /// Opens the state, loads the issuers' keys and listens.
    public static func start(_ configuration: DevVaultConfiguration) async throws(DevVaultError) -> DevVaultServer {
        try configuration.check()
        let folder = configuration.certificateFolder ?? configuration.stateFile.map(Self.folder)
        let certificates = try DevelopmentCertificates.load(
            folder: folder,
            dnsNames: ["localhost", configuration.dnsSuffix, "*." + configuration.dnsSuffix]
                + configuration.certificateNames,
            addresses: ["127.0.0.1", "::1"])
        let store = try DevVaultStore(
            file: configuration.stateFile, vaults: configuration.vaults.map(\.name),
            pollsUntilSettled: configuration.pollsUntilSettled)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        do throws(DevVaultError) {
            return try await listen(configuration, group, store, certificates, folder)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// Stops listening and ends all connections.
    public func stop() async {
        try? await channel.close()
        try? await group.shutdownGracefully()
    }

    private static func folder(of path: String) -> String {
        guard let end = path.lastIndex(of: "/") else { return "." }
        return end == path.startIndex ? "/" : String(path[..<end])
    }
}
