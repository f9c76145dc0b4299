import JSON

/// What lies under a tag or digest: an image's manifest, or an index of several (OCI image specification; Docker's
/// second format says the same with other media types).
enum Manifest: Equatable {
    /// One image of an index.
    struct Entry: Equatable {
        let digest: ContentDigest
        /// Nil where the index does not say.
        let system: String?
        let architecture: String?
        let variant: String?

        /// For sentences: `linux/arm/v7`.
        var platform: String {
            [system ?? "linux", architecture ?? "unknown", variant].compactMap { $0 }.joined(separator: "/")
        }
    }

    case index([Entry])
    /// An image by its configuration's digest.
    case image(ContentDigest)

    private static let images = [
        "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
    ]
    private static let indexes = [
        "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
    ]
    private static let configurations = [
        "application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json",
    ]

    /// The header `Accept`.
    static let acceptedTypes = (indexes + images).joined(separator: ", ")

    /// Reads a manifest. What it is is told by its shape; a media type that says otherwise, or a shape of both kinds, is
    /// refused (GHSA-mc8v-mgrf-8f4m: clients that read one document in two ways).
    init(parsing bytes: [UInt8]) throws(ImageError) {
        guard let document = try? JSONValue(parsing: bytes) else { throw .malformedAnswer(.manifest) }
        if try document.goMember("schemaversion", in: .manifest)?.int == 1 { throw .schema1 }
        let type = try document.goText("mediatype", in: .manifest)
        let manifests = try document.goMember("manifests", in: .manifest)
        let config = try document.goMember("config", in: .manifest)
        let layers = try document.goMember("layers", in: .manifest)
        switch (manifests, config) {
        case (let manifests?, nil) where layers == nil && Self.isOne(type, of: Self.indexes):
            guard let entries = manifests.array else { throw .malformedAnswer(.manifest) }
            var parsed: [Entry] = []
            for entry in entries { parsed.append(try Self.entry(entry)) }
            self = .index(parsed)
        case (nil, let config?) where Self.isOne(type, of: Self.images):
            guard let type = try config.goText("mediatype", in: .manifest), Self.configurations.contains(type) else {
                throw .notAnImage
            }
            self = .image(try Self.digest(config))
        default: throw .malformedAnswer(.manifest)
        }
    }

    private static func entry(_ entry: JSONValue) throws(ImageError) -> Entry {
        let platform = try entry.goMember("platform", in: .manifest)
        let parsed = Entry(
            digest: try digest(entry), system: try platform?.goText("os", in: .manifest),
            architecture: try platform?.goText("architecture", in: .manifest),
            variant: try platform?.goText("variant", in: .manifest))
        if let type = try entry.goText("mediatype", in: .manifest), indexes.contains(type) { throw .nestedIndex }
        return parsed
    }

    private static func digest(_ descriptor: JSONValue) throws(ImageError) -> ContentDigest {
        guard let text = try descriptor.goText("digest", in: .manifest), let digest = ContentDigest(text) else {
            throw .malformedAnswer(.manifest)
        }
        return digest
    }

    private static func isOne(_ type: String?, of types: [String]) -> Bool {
        type.map(types.contains) ?? true
    }
}
