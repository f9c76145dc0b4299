import JSON

@testable import Webhook

/// An image made for a test: its manifests and blobs by digest, and the manifest that its tag leads to.
struct PlayedImage {
    private(set) var manifests: [String: [UInt8]] = [:]
    private(set) var blobs: [String: [UInt8]] = [:]
    private(set) var top: [UInt8] = []

    static let manifestType = "application/vnd.oci.image.manifest.v1+json"
    static let indexType = "application/vnd.oci.image.index.v1+json"
    static let configurationType = "application/vnd.oci.image.config.v1+json"

    static func configuration(_ entrypoint: [String]?, _ cmd: [String]?, architecture: String = "amd64") -> JSONValue {
        func list(_ texts: [String]?) -> JSONValue { texts.map { .array($0.map { .string($0) }) } ?? .null }
        return [
            "architecture": .string(architecture), "os": "linux",
            "config": ["Env": ["PATH=/bin"], "Entrypoint": list(entrypoint), "Cmd": list(cmd)],
        ]
    }

    /// One image.
    init(_ entrypoint: [String]?, _ cmd: [String]?) {
        top = add(Self.configuration(entrypoint, cmd))
    }

    /// An index: platforms with what they run.
    init(index entries: [(platform: String, entrypoint: [String]?, cmd: [String]?)]) {
        var list: [JSONValue] = []
        for (platform, entrypoint, cmd) in entries {
            let parts = platform.split(separator: "/").map(String.init)
            let manifest = add(Self.configuration(entrypoint, cmd, architecture: parts[1]))
            list.append([
                "mediaType": .string(Self.manifestType), "size": .number(JSONNumber(manifest.count)),
                "digest": .string(ContentDigest(of: manifest).description),
                "platform": ["os": .string(parts[0]), "architecture": .string(parts[1])],
            ])
        }
        setTop(["schemaVersion": 2, "mediaType": .string(Self.indexType), "manifests": .array(list)])
    }

    /// Whatever lies under the tag.
    init(top: JSONValue) {
        setTop(top)
    }

    var digest: String { ContentDigest(of: top).description }

    private mutating func setTop(_ value: JSONValue) {
        top = value.serialized()
        manifests[digest] = top
    }

    private mutating func add(_ configuration: JSONValue) -> [UInt8] {
        let blob = configuration.serialized()
        let digest = ContentDigest(of: blob).description
        blobs[digest] = blob
        let manifest: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(Self.manifestType), "layers": [],
            "config": [
                "mediaType": .string(Self.configurationType), "digest": .string(digest),
                "size": .number(JSONNumber(blob.count)),
            ],
        ]
        let bytes = manifest.serialized()
        manifests[ContentDigest(of: bytes).description] = bytes
        return bytes
    }

    /// The registry's answer for a path below `/v2/<repository>/`.
    func reply(_ path: String) -> PlayedRegistry.Reply {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count >= 2, let name = parts.last else { return .init(status: 404) }
        switch parts[parts.count - 2] {
        case "manifests":
            guard let manifest = name.contains(":") ? manifests[name] : top else { return .init(status: 404) }
            return .init(headers: [("Content-Type", "application/octet-stream")], body: manifest)
        case "blobs": return blobs[name].map { .init(body: $0) } ?? .init(status: 404)
        default: return .init(status: 404)
        }
    }
}
