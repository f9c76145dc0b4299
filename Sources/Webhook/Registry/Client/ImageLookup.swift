import Injector
import VaultClient

/// One look-up: from a reference over the manifests to the one command that all of its images have.
struct ImageLookup: Sendable {
    /// Images of one index that are looked at.
    private static let maximumImages = 64
    /// Of those, how many at the same time.
    private static let width = 8

    let client: RegistryClient
    let access: RegistryClient.Access
    let platforms: ImagePlatforms
    let contents: ContentCache

    private typealias Outcome = Result<(platform: String, command: ImageCommand), ImageError>

    /// The command.
    ///
    /// The manifest under the reference is always read: that the registry gives it to this credential is what lets its
    /// reader see what is known of it from before.
    func command() async throws(ImageError) -> ImageCommand {
        let image = access.image
        let bytes = try await manifest(image.manifestName, digest: image.digest)
        let key = ContentCache.Key(
            name: image.name, digest: image.digest ?? ContentDigest(of: bytes), platforms: platforms)
        if let command = contents.command(key) { return command }
        let command: ImageCommand
        switch try Manifest(parsing: bytes) {
        case .image(let configuration): command = try await self.command(configuration)
        case .index(let entries): command = try await self.command(of: entries)
        }
        contents.keep(command, for: key)
        return command
    }

    private func manifest(_ name: String, digest: ContentDigest?) async throws(ImageError) -> [UInt8] {
        let response = try await client.manifest(name, access)
        let bytes = response.body.withUnsafeBytes(Array.init)
        if let digest, !digest.isDigest(of: bytes) { throw .digestMismatch(.manifest) }
        return bytes
    }

    private func command(_ configuration: ContentDigest) async throws(ImageError) -> ImageCommand {
        try ImageConfiguration.command(parsing: try await client.blob(configuration, access))
    }

    private func command(of entries: [Manifest.Entry]) async throws(ImageError) -> ImageCommand {
        var seen: Set<ContentDigest> = []
        let wanted = entries.filter {
            platforms.includes(system: $0.system, architecture: $0.architecture) && seen.insert($0.digest).inserted
        }
        guard wanted.count <= Self.maximumImages else { throw .tooManyPlatforms }
        var found: [(platform: String, command: ImageCommand)] = []
        for outcome in await outcomes(wanted) { found.append(try outcome.get()) }
        guard let first = found.first else { throw .noPlatform }
        for other in found where other.command != first.command {
            throw .differentCommands(first.platform, other.platform)
        }
        return first.command
    }

    /// What came of each entry, in their order; nothing more is begun after a failure.
    private func outcomes(_ entries: [Manifest.Entry]) async -> [Outcome] {
        await withTaskGroup(of: (Int, Outcome).self) { group in
            var waiting = entries.enumerated().makeIterator()
            var outcomes: [Int: Outcome] = [:]
            func startNext() {
                guard let (index, entry) = waiting.next() else { return }
                group.addTask { (index, await outcome(entry)) }
            }
            for _ in 0..<Self.width { startNext() }
            while let (index, outcome) = await group.next() {
                outcomes[index] = outcome
                if case .failure = outcome {
                    group.cancelAll()
                    return [outcome]
                }
                startNext()
            }
            return outcomes.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    private func outcome(_ entry: Manifest.Entry) async -> Outcome {
        do throws(ImageError) {
            let bytes = try await manifest(entry.digest.description, digest: entry.digest)
            guard case .image(let configuration) = try Manifest(parsing: bytes) else { throw .nestedIndex }
            return .success((entry.platform, try await command(configuration)))
        } catch {
            return .failure(error)
        }
    }
}
