public import Injector

/// Finds out what images run, from the registries that the operator listed.
///
/// What the registry says at admission need not be what a node runs: with `imagePullPolicy: IfNotPresent` an older image
/// may lie there under the same tag, and a tag may be moved between admission and pull. A digest in the reference rules
/// out both.
public final class ImageConfigReader: Sendable {
    /// More credentials than these are not tried for one image.
    private static let maximumCredentials = 4

    private let configuration: RegistryConfiguration
    private let clients: [String: Result<RegistryClient, ImageError>]
    private let cache = ImageCache()
    private let contents = ContentCache()

    /// A reader; CA files are read now, connections are opened when they are needed.
    public init(_ configuration: RegistryConfiguration) {
        self.configuration = configuration
        var clients: [String: Result<RegistryClient, ImageError>] = [:]
        for registry in configuration.registries {
            clients[registry.host] = Result { () throws(ImageError) in try RegistryClient(registry, configuration) }
        }
        self.clients = clients
    }

    /// How long a look-up goes on when nobody waits for it any more: the next one to ask then finds its answer.
    static func lookupTimeout(_ configuration: RegistryConfiguration) -> Duration {
        max(configuration.timeout, .seconds(10))
    }

    /// Whether the registry of an image is listed, so that pull secrets are worth reading.
    public func isListed(_ image: String) -> Bool {
        (try? ImageReference(parsing: image)).map { clients[$0.host] != nil } ?? false
    }

    /// The command of an image.
    ///
    /// - Parameters:
    ///   - image: as the container states it.
    ///   - platforms: those that the pod can be scheduled to; all of them must have the same command.
    ///   - pullSecrets: those of the pod, in order. They must be of the pod's own namespace.
    ///   - onlyKnown: for dry runs, which must not be noticed anywhere: no registry is asked.
    ///   - deadline: an answer comes by then, or after ``RegistryConfiguration/timeout`` if that is earlier.
    public func command(
        of image: String, platforms: ImagePlatforms, pullSecrets: [DockerConfig], onlyKnown: Bool = false,
        deadline: ContinuousClock.Instant
    ) async -> Result<ImageCommand, ImageError> {
        do throws(ImageError) {
            let end = min(deadline, .now + configuration.timeout)
            return .success(try await find(image, platforms, pullSecrets, onlyKnown: onlyKnown, until: end))
        } catch {
            return .failure(error)
        }
    }

    private func find(
        _ text: String, _ platforms: ImagePlatforms, _ pullSecrets: [DockerConfig], onlyKnown: Bool,
        until deadline: ContinuousClock.Instant
    ) async throws(ImageError) -> ImageCommand {
        let image: ImageReference
        do { image = try ImageReference(parsing: text) } catch { throw .reference(error) }
        guard let client = try clients[image.host]?.get() else { throw .notListed(host: image.host) }
        let credentials = DockerConfig.credentials(for: image, in: pullSecrets).prefix(Self.maximumCredentials)
        // As the kubelet does it: without a credential for the registry none is sent.
        var failure = ImageError.notFound
        for credential in credentials.isEmpty ? [nil] : credentials.map(Optional.some) {
            let key = ImageCache.Key(image: image, platforms: platforms, credential: credential?.identity)
            let result =
                onlyKnown
                ? await cache.known(key) ?? .failure(.notCached)
                : await answer(key, credential, client, until: deadline)
            guard case .failure(let error) = result, error.mayBeAnotherCredentials else { return try result.get() }
            failure = error
        }
        throw failure
    }

    private func answer(
        _ key: ImageCache.Key, _ credential: RegistryCredential?, _ client: RegistryClient,
        until deadline: ContinuousClock.Instant
    ) async -> ImageCache.Answer {
        await cache.answer(key, deadline: deadline) { [configuration, contents] in
            let end = ContinuousClock.now + Self.lookupTimeout(configuration)
            let lookup = ImageLookup(
                client: client, access: RegistryClient.Access(image: key.image, credential: credential, deadline: end),
                platforms: key.platforms, contents: contents)
            do throws(ImageError) {
                return .success(try await lookup.command())
            } catch {
                return .failure(error)
            }
        }
    }
}
