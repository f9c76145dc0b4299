extension AgentPlan {
    /// How rotation is followed while the pod runs.
    public struct Refresh: Sendable {
        /// How often a new version is looked for, in milliseconds.
        public let intervalMilliseconds: Int
        /// What happens when a secret or the right to it is gone.
        public let onRevoked: OnRevoked
        /// What happens after files have changed; several may be due at once.
        public let reactions: [Reaction]
        /// The last restart begins at most this long after it became due, in seconds; each replica takes a moment of
        /// its own in between.
        public let restartSpreadSeconds: Int
        /// Where the agent answers `/healthz` and what else is on; nil where nothing listens.
        public let port: UInt16?
        /// Whether `/metrics` is answered there.
        public let servesMetrics: Bool

        /// How rotation is followed.
        public init(
            intervalMilliseconds: Int, onRevoked: OnRevoked = .keep, reactions: [Reaction] = [],
            restartSpreadSeconds: Int = 0, port: UInt16? = nil, servesMetrics: Bool = false
        ) {
            self.intervalMilliseconds = intervalMilliseconds
            self.onRevoked = onRevoked
            self.reactions = reactions
            self.restartSpreadSeconds = restartSpreadSeconds
            self.port = port
            self.servesMetrics = servesMetrics
        }
    }

    /// What a refresh does when a vault says that a secret, or the right to it, is gone: 401, 403, 404, disabled, deleted.
    public enum OnRevoked: String, Sendable, CaseIterable {
        /// The files stay as they are.
        case keep
        /// The files that need it are removed.
        case remove
        /// The agent ends with an error and is started again until the secret is back; the files stay.
        case fail
    }

    /// Something that is done after files have changed.
    public struct Reaction: Sendable {
        /// The files that it is for, by their ``File/source``.
        public let sources: [String]
        /// What is done.
        public let action: Action

        /// A reaction.
        public init(sources: [String], action: Action) {
            self.sources = sources
            self.action = action
        }
    }

    /// What can be done after files have changed.
    public enum Action: Sendable, Hashable {
        /// Sends a signal to the main process of every container that mounts the files. Needs a process namespace that
        /// the pod's containers share, and the processes' uid.
        case signal(Signal)
        /// Sends an HTTP request to a port of the pod's loopback.
        case request(LoopbackRequest)
        /// Fails the liveness probes of these containers for so long that the kubelet ends them in their own termination
        /// grace and starts them again.
        case restartByProbe(containers: [String], windowSeconds: Int)
        /// SIGTERM to the main processes, and SIGKILL after the grace; the kubelet starts them again.
        case restartBySignal(graceSeconds: Int)
    }

    /// An HTTP request to the pod's own loopback.
    public struct LoopbackRequest: Sendable, Hashable {
        /// E.g. `POST`.
        public let method: String
        /// `http://127.0.0.1:8080/-/reload`; the host is `127.0.0.1`, `localhost` or `[::1]`.
        public let url: String
        /// The status that counts as done; nil for every 2xx.
        public let status: Int?

        /// A request.
        public init(method: String, url: String, status: Int? = nil) {
            self.method = method
            self.url = url
            self.status = status
        }
    }
}
