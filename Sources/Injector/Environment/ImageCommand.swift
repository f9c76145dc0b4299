/// What an image runs where its container states no command.
public struct ImageCommand: Sendable, Equatable {
    /// `ENTRYPOINT`.
    public let entrypoint: [String]
    /// `CMD`.
    public let cmd: [String]

    /// A command; both may be empty.
    public init(entrypoint: [String], cmd: [String]) {
        self.entrypoint = entrypoint
        self.cmd = cmd
    }

    /// Byte by byte; Swift's own `==` takes canonically equivalent texts for equal.
    public static func == (left: ImageCommand, right: ImageCommand) -> Bool {
        func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }
        return bytes(left.entrypoint) == bytes(right.entrypoint) && bytes(left.cmd) == bytes(right.cmd)
    }
}

/// Why nobody knows an image's command.
public struct ImageCommandFailure: Error, Sendable, Equatable {
    /// One sentence without a full stop; it may name the remedy.
    public let sentence: String

    /// A failure.
    public init(_ sentence: String) {
        self.sentence = sentence
    }
}

/// An image whose command a decision needs.
public struct ImageQuestion: Sendable, Equatable {
    /// The image as the container states it.
    public let image: String
    /// The container that asks first, for messages.
    public let container: String
    /// The architectures (`amd64`) that the pod can be scheduled to, by its `nodeSelector`; nil for all.
    public let architectures: Set<String>?
}
