import JSON
import SecretSpec
import VaultClient

/// How fresh the files are: for the status file, metrics and log. It holds no secret.
struct StatusReport: Sendable {
    /// Why something could not be done.
    struct Fault: Equatable, Sendable {
        /// A ``VaultError/Kind``, or `files` where the files could not be made or written.
        let kind: String
        let message: String
    }

    /// How an object stands.
    enum State: String, CaseIterable, Sendable {
        /// The files show what the vault last answered.
        case current
        /// The files show an earlier version, or it is not known whether they do.
        case stale
        /// The vault says that the object, or the right to it, is gone; the files are still there.
        case revoked
        /// The same, and the files that need it were removed.
        case removed
    }

    /// An object of a vault.
    struct Object: Equatable, Sendable {
        /// The first reference to it.
        let reference: String
        /// The files that need it, by their source.
        let sources: [String]
        /// The version that the files show, as the vault names it.
        var version: String?
        var state: State
        /// When it came into this state.
        var since: Moment
        /// When the vault last answered with its content.
        var lastRead: Moment?
        var error: Fault?
    }

    /// The name of the published directory.
    var generation: String?
    /// When it was published.
    var published: Moment?
    /// When a look was last over.
    var lastLook: Moment?
    /// When a look last found out about every object, gone ones included.
    var lastSuccess: Moment?
    /// The time between looks now; nil where there are none.
    var interval: Duration?
    /// In the order in which the plan first names them.
    var objects: [Object]
    /// Why the files of the last look were not made or not written.
    var fault: Fault?
    var reactions: [ReactionReport] = []

    /// What is known before anything was asked.
    init(plan: AgentPlan, now: Moment) {
        var order: [SecretReference.Object: Int] = [:]
        var found: [(reference: String, sources: [String])] = []
        for file in plan.files {
            for reference in file.references {
                if let index = order[reference.object] {
                    if !found[index].sources.contains(file.source) { found[index].sources.append(file.source) }
                } else {
                    order[reference.object] = found.count
                    found.append((reference.text, [file.source]))
                }
            }
        }
        objects = found.map { Object(reference: $0.reference, sources: $0.sources, state: .stale, since: now) }
        interval = plan.refresh.map { .milliseconds($0.intervalMilliseconds) }
    }

    /// After a first fetch, which has published everything.
    init(firstFetch snapshot: SecretSnapshot, plan: AgentPlan, now: Moment = .now) {
        self.init(plan: plan, now: now)
        generation = AtomicDirectory(plan).generation
        published = now
        take(LookResult(snapshot, isPublished: true), at: now)
    }
}
