import Injector
import VaultClient

@testable import Webhook

/// A played registry and a reader that may ask it.
struct RegistryBench {
    let registry: PlayedRegistry
    let reader: ImageConfigReader

    static func with(
        timeout: Duration = .seconds(20),
        _ change: (inout RegistryConfiguration.Registry) -> Void = { _ in },
        _ body: (RegistryBench) async throws -> Void
    ) async throws {
        let registry = try PlayedRegistry()
        defer { registry.stop() }
        var entry = RegistryConfiguration.Registry(host: registry.host)
        entry.plainHTTP = true
        change(&entry)
        var configuration = RegistryConfiguration()
        configuration.registries = [entry]
        configuration.timeout = timeout
        try await body(RegistryBench(registry: registry, reader: ImageConfigReader(configuration)))
    }

    /// What the reader says of an image in the registry.
    func command(
        _ image: String = "shop/web", architectures: Set<String>? = nil, secrets: [DockerConfig] = [],
        within time: Duration = .seconds(20)
    ) async -> Result<ImageCommand, ImageError> {
        await reader.command(
            of: "\(registry.host)/\(image)", platforms: ImagePlatforms(architectures: architectures),
            pullSecrets: secrets, deadline: .now + time)
    }

    /// A pull secret for the registry.
    func secret(_ username: String, _ password: String, identityToken: String? = nil) -> [DockerConfig] {
        let token = identityToken.map { ",\"identitytoken\":\"\($0)\"" } ?? ""
        let entry = "{\"username\":\"\(username)\",\"password\":\"\(password)\"\(token)}"
        let text = SecretBytes(text: "{\"auths\":{\"\(registry.host)\":\(entry)}}")
        return (try? DockerConfig(dockerConfigJSON: text)).map { [$0] } ?? []
    }
}
