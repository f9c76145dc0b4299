import SecretSpec

/// What is to be done after files have changed, and when. A pure state machine: whoever owns it tells it the time.
///
/// A change is settled first: the reactions wait for a quiet time, and for one more look at its end, because secrets
/// are often rotated one after the other. What that look finds begins another quiet time; three looks and three quiet
/// times are the most. Then every action that is due runs once, restarts after a delay of their own. An action that
/// fails is tried again until it succeeds, or until a newer change takes its place.
struct ReactionQueue {
    static let longestQuiet = Duration.seconds(5)
    static let mostLooks = 3

    /// An action that is to run now.
    struct Started: Sendable {
        /// For ``ReactionQueue/finished(_:_:at:random:)``.
        let id: Int
        let action: AgentPlan.Action
    }

    private struct Settling {
        var quietEnd: ContinuousClock.Instant
        let latest: ContinuousClock.Instant
        var looks = 0
    }

    private let quiet: Duration
    private let restartSpread: Duration
    private var entries: [ReactionEntry] = []
    private var settling: Settling?

    /// Equal actions become one.
    init(reactions: [AgentPlan.Reaction], intervalMilliseconds: Int, restartSpreadSeconds: Int) {
        quiet = min(Self.longestQuiet, .milliseconds(max(1, intervalMilliseconds)))
        restartSpread = .seconds(max(0, restartSpreadSeconds))
        for reaction in reactions {
            if let index = entries.firstIndex(where: { $0.action == reaction.action }) {
                entries[index].sources.formUnion(reaction.sources)
            } else {
                entries.append(ReactionEntry(action: reaction.action, sources: Set(reaction.sources)))
            }
        }
    }

    /// Files of these sources were published with new content. Sources that no reaction is for change nothing.
    mutating func filesChanged(_ sources: Set<String>, at now: ContinuousClock.Instant) {
        want(at: now) { !$0.sources.isDisjoint(with: sources) }
    }

    /// Takes over what an earlier process has not brought to an end. It settles anew, like a change.
    mutating func resume(_ unfinished: UnfinishedReactions, at now: ContinuousClock.Instant) {
        want(at: now) { unfinished.contains($0.action) }
    }

    private mutating func want(at now: ContinuousClock.Instant, where isConcerned: (ReactionEntry) -> Bool) {
        var isAnyConcerned = false
        for index in entries.indices where isConcerned(entries[index]) {
            entries[index].want()
            isAnyConcerned = true
        }
        guard isAnyConcerned else { return }
        let latest = settling?.latest ?? now + quiet * Self.mostLooks
        let quietEnd = min(now + quiet, latest)
        settling = Settling(quietEnd: quietEnd, latest: latest, looks: settling?.looks ?? 0)
    }

    /// From when on one more look is to be made before reactions start; nil where none is wanted. It stays in the past
    /// while that look is under way.
    var wantsExtraLook: ContinuousClock.Instant? { settling?.quietEnd }

    /// A look that began at or after ``wantsExtraLook`` is over, whatever its outcome; or the owner does without it,
    /// because the vault asked for less. What it changed was told by ``filesChanged(_:at:)`` before.
    mutating func extraLookFinished(at now: ContinuousClock.Instant) {
        guard var settling else { return }
        settling.looks += 1
        if settling.quietEnd > now, settling.looks < Self.mostLooks {
            self.settling = settling
            return
        }
        self.settling = nil
        for index in entries.indices { entries[index].release(at: now) }
    }

    /// What is due. It counts as running until ``finished(_:_:at:random:)``.
    /// - Parameter random: 0 to 1, for the delay of restarts.
    mutating func start(at now: ContinuousClock.Instant, random: Double) -> [Started] {
        var started: [Started] = []
        for index in entries.indices
        where entries[index].start(at: now, restartDelay: restartSpread * Self.fraction(random)) {
            started.append(Started(id: index, action: entries[index].action))
        }
        return started
    }

    /// What came of an action.
    /// - Parameter random: 0 to 1, for the time until the next try.
    mutating func finished(
        _ id: Int, _ result: Result<Void, ReactionError>, at now: ContinuousClock.Instant, random: Double
    ) {
        guard entries.indices.contains(id) else { return }
        entries[id].finish(result, at: now, random: Self.fraction(random))
    }

    /// When ``start(at:random:)`` next has something to do; ``wantsExtraLook`` comes beside it.
    var nextDeadline: ContinuousClock.Instant? { entries.compactMap(\.deadline).min() }

    /// How each action stands, in the plan's order.
    var reports: [ReactionReport] { entries.map(\.report) }

    private static func fraction(_ random: Double) -> Double { random.isFinite ? min(max(random, 0), 1) : 0 }
}
