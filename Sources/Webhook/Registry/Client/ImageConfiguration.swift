public import Injector
import JSON

/// The part of an image's configuration that says what it runs.
enum ImageConfiguration {
    /// More does not fit into a pod that the apiserver takes, or into the arguments of a process.
    private static let maximumBytes = 128 << 10

    /// Reads `config.Entrypoint` and `config.Cmd`.
    static func command(parsing bytes: [UInt8]) throws(ImageError) -> ImageCommand {
        guard let document = try? JSONValue(parsing: bytes) else { throw .malformedAnswer(.configuration) }
        guard try document.goText("os", in: .configuration) ?? "linux" == "linux" else { throw .notAnImage }
        guard let config = try document.goMember("config", in: .configuration) else {
            return ImageCommand(entrypoint: [], cmd: [])
        }
        return try command(of: config)
    }

    /// Reads `Entrypoint` and `Cmd`.
    static func command(of config: JSONValue) throws(ImageError) -> ImageCommand {
        let command = ImageCommand(entrypoint: try texts("entrypoint", config), cmd: try texts("cmd", config))
        guard command.size <= maximumBytes else { throw .malformedAnswer(.configuration) }
        return command
    }

    private static func texts(_ name: String, _ config: JSONValue) throws(ImageError) -> [String] {
        guard let value = try config.goMember(name, in: .configuration) else { return [] }
        guard let elements = value.array else { throw .malformedAnswer(.configuration) }
        var texts: [String] = []
        for element in elements {
            // A zero byte ends an argument; no runtime can pass one.
            guard let text = element.string, !text.utf8.contains(0) else { throw .malformedAnswer(.configuration) }
            texts.append(text)
        }
        return texts
    }
}

extension ImageCommand {
    /// Reads what tools show of an image: its configuration (`crane config`, `skopeo inspect --config`) or the part of it
    /// that `docker image inspect --format '{{json .Config}}'` prints. Nil where the bytes are neither.
    public init?(shown bytes: [UInt8]) {
        guard let document = try? JSONValue(parsing: bytes) else { return nil }
        let inner = (try? document.goMember("config", in: .configuration)) ?? document
        guard let command = try? ImageConfiguration.command(of: inner) else { return nil }
        self = command
    }
}
