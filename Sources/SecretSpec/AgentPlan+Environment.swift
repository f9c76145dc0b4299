extension AgentPlan {
    /// Where the containers' environments are written.
    public struct Environments: Sendable {
        /// Where the memory-backed volume is mounted in the agent, an absolute path.
        public let directory: String
        /// One for each container that has secrets in its environment, or could have them through its sources.
        public let containers: [Environment]

        /// Environments.
        public init(directory: String, containers: [Environment]) {
            self.directory = directory
            self.containers = containers
        }
    }

    /// What secrets the environment of one container needs.
    public struct Environment: Sendable {
        /// How the values get into the container.
        public enum Delivery: String, Sendable {
            /// `latchkey-exec` puts them in place of the texts that stand for them.
            case exec
            /// The kubelet reads them from a file (`fileKeyRef`).
            case kubelet
            /// They don't: nothing in the container's sources may be a reference.
            case none
        }

        /// A text in the container's environment, command or arguments, and the place that brought it.
        public struct Placeholder: Sendable {
            /// The annotation or field, for messages.
            public let source: String
            /// What stands between `${` and `}`: a reference and perhaps `|` and a filter.
            public let text: String

            /// A placeholder.
            public init(source: String, text: String) {
                self.source = source
                self.text = text
            }
        }

        /// A variable that the kubelet reads from a file.
        public struct Variable: Sendable {
            /// The annotation or field, for messages.
            public let source: String
            /// Its name, which is the key in the file.
            public let name: String
            /// Its value.
            public let value: Template

            /// A variable.
            public init(source: String, name: String, value: Template) {
                self.source = source
                self.name = name
                self.value = value
            }
        }

        /// All keys of a JSON secret as variables (`env-from`).
        public struct KeySet: Sendable {
            /// The annotation, for messages.
            public let source: String
            /// A reference with `#*`.
            public let reference: SecretReference

            /// All keys.
            public init(source: String, reference: SecretReference) {
                self.source = source
                self.reference = reference
            }
        }

        /// A ConfigMap or Secret that the container's environment comes from, mounted into the agent.
        public struct Source: Sendable {
            /// E.g. `ConfigMap shop-settings`, for messages.
            public let name: String
            /// Where its keys are files, an absolute path.
            public let directory: String
            /// The keys that the container takes; nil for all.
            public let keys: [String]?

            /// A source.
            public init(name: String, directory: String, keys: [String]?) {
                self.name = name
                self.directory = directory
                self.keys = keys
            }
        }

        /// The container's name, and the name of its part of the volume.
        public let container: String
        /// How the values get into it.
        public let delivery: Delivery
        /// The file's permission bits.
        public let mode: UInt32
        /// The texts to resolve; with ``Delivery/exec``.
        public let placeholders: [Placeholder]
        /// The variables to write; with ``Delivery/kubelet``.
        public let variables: [Variable]
        /// Secrets whose keys are variables; with ``Delivery/exec``. Later ones win.
        public let keySets: [KeySet]
        /// Names that the container's own `env` has: they win over keys.
        public let ownNames: [String]
        /// ConfigMaps and Secrets that may hold references.
        public let sources: [Source]

        /// The environment of one container.
        public init(
            container: String, delivery: Delivery, mode: UInt32, placeholders: [Placeholder] = [],
            variables: [Variable] = [], keySets: [KeySet] = [], ownNames: [String] = [], sources: [Source] = []
        ) {
            self.container = container
            self.delivery = delivery
            self.mode = mode
            self.placeholders = placeholders
            self.variables = variables
            self.keySets = keySets
            self.ownNames = ownNames
            self.sources = sources
        }
    }
}
