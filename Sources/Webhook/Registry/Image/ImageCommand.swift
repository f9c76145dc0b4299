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

    /// What a container without `command` runs, ready to become its `command`: the entrypoint and, unless the container
    /// has `args` of its own, the image's. Empty where there is nothing to run.
    ///
    /// `$` is doubled: the kubelet expands `$(NAME)` in a pod's command and not in an image's
    /// (https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/).
    public func podCommand(hasArguments: Bool) -> [String] {
        (hasArguments ? entrypoint : entrypoint + cmd).map {
            $0.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$")
        }
    }

    /// How much memory it takes, roughly.
    var size: Int { (entrypoint + cmd).reduce(64) { $0 + $1.utf8.count + 16 } }

    /// Byte by byte; Swift's own `==` takes canonically equivalent texts for equal.
    public static func == (left: ImageCommand, right: ImageCommand) -> Bool {
        func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }
        return bytes(left.entrypoint) == bytes(right.entrypoint) && bytes(left.cmd) == bytes(right.cmd)
    }
}
