import JSON
import SecretSpec
import VaultClient

/// How fresh files and environments are: for the status file, metrics and log. It holds no secret.
struct StatusReport: Sendable {
    /// Why something could not be done.
    struct Fault: Equatable, Sendable {
        /// A ``VaultError/Kind``, `files` where the files could not be made or written, `environment` where an environment
        /// or a source of one cannot be used.
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

    /// The environment file of a container.
    struct Environment: Equatable, Sendable {
        let container: String
        let delivery: String
        /// What is published, by a name that changes with it.
        var generation: String?
        /// How many values it holds; nil where this process has not written it.
        var values: Int?
        /// When it last changed, as far as this process knows.
        var changed: Moment?
    }

    /// The name of the published directory.
    var generation: String?
    /// When it was published.
    var published: Moment?
    /// When a look was last over.
    var lastLook: Moment?
    /// When a look last found out about every object, gone ones included, and everything that it read was published.
    var lastSuccess: Moment?
    /// The time between looks now; nil where no loop makes any.
    var interval: Duration?
    /// In the order in which the plan first names them.
    var objects: [Object]
    /// Why the files of the last look were not made or not written.
    var fault: Fault?
    /// The containers whose environment holds secrets, in the plan's order.
    var environments: [Environment]
    var reactions: [ReactionReport] = []

    /// What is known before anything was asked.
    /// - Parameter additions: what is to be asked for beside the files' references.
    init(plan: AgentPlan, now: Moment, also additions: [(source: String, reference: SecretReference)] = []) {
        var order: [SecretReference.Object: Int] = [:]
        var found: [(reference: String, sources: [String])] = []
        let references = plan.files.flatMap { file in file.references.map { (file.source, $0) } }
        for (source, reference) in references + additions {
            if let index = order[reference.object] {
                if !found[index].sources.contains(source) { found[index].sources.append(source) }
            } else {
                order[reference.object] = found.count
                found.append((reference.text, [source]))
            }
        }
        objects = found.map { Object(reference: $0.reference, sources: $0.sources, state: .stale, since: now) }
        environments = (plan.environments?.containers ?? []).filter { $0.delivery != .none }.map {
            Environment(container: $0.container, delivery: $0.delivery.rawValue)
        }
    }

    /// After a first fetch, which has published everything.
    init(_ outcome: FirstFetch.Outcome, plan: AgentPlan, now: Moment = .now) {
        self.init(plan: plan, now: now)
        published = now
        take(LookResult(outcome.snapshot, isPublished: true), at: now)
        take(outcome.environments, changed: outcome.environments.map(\.container), at: now)
        noteGenerations(of: outcome.publisher)
    }

    /// What is published, as the volumes tell.
    mutating func noteGenerations(of publisher: Publisher) {
        generation = publisher.generation
        for index in environments.indices {
            environments[index].generation = publisher.generation(ofContainer: environments[index].container)
        }
    }

    /// Takes in what the environments are now.
    mutating func take(_ prepared: [PreparedEnvironment], changed: [String], at now: Moment) {
        for environment in prepared {
            guard let index = environments.firstIndex(where: { $0.container == environment.container }) else {
                continue
            }
            environments[index].values = environment.bytes == nil ? 0 : environment.fingerprints.count
            if changed.contains(environment.container) { environments[index].changed = now }
        }
    }
}
