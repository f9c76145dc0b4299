/// What the agent tells Prometheus. Numbers, and names out of the plan: no field can hold a secret.
struct AgentMetrics: Sendable {
    /// How an object of a vault stands.
    struct Secret: Sendable {
        enum State: String, Sendable, CaseIterable {
            /// Read in the last look.
            case current
            /// Not read in the last look; an older content is published.
            case stale
            /// The vault says that it, or the right to it, is gone; an older content is published.
            case revoked
            /// The same, and its files are removed.
            case removed
        }

        /// As the plan writes it, e.g. `akv://shop/db-password`.
        let reference: String
        let state: State
        /// Seconds since it was last read; nil where this process has not read it.
        let ageSeconds: Double?
    }

    /// How often looks ended in each way, by a word for it.
    struct Looks: Sendable {
        let outcome: StaticString
        let count: Int
    }

    var secrets: [Secret] = []
    var looks: [Looks] = []
    var reactions: [ReactionReport] = []
    /// The current pause between looks in seconds, longer than planned where a vault has throttled.
    var intervalSeconds: Double = 0
    /// When the visible set was published, in seconds since 1970; nil where none is.
    var publishedTimestamp: Double?
    /// When a look last found every object, in seconds since 1970.
    var lastSuccessTimestamp: Double?
}
