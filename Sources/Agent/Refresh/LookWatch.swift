/// The look under way, and what becomes of one that does not end: it is given up, and what it says later is not heard.
struct LookWatch {
    /// How long a look may take past its deadline.
    static let grace = Duration.seconds(2)

    private struct Look {
        let number: Int
        /// Reactions wait for it.
        let isExtra: Bool
        let latest: ContinuousClock.Instant
        let task: Task<Void, Never>
    }

    private var look: Look?
    private var lastNumber = 0

    var isLooking: Bool { look != nil }
    /// When the look is to be given up.
    var latest: ContinuousClock.Instant? { look?.latest }

    /// Starts a look. There is at most one at a time.
    /// - Parameter work: gets the look's number, for ``finish(_:)``.
    mutating func start(
        deadline: ContinuousClock.Instant, isExtra: Bool, _ work: @escaping @Sendable (Int) async -> Void
    ) {
        cancel()
        lastNumber += 1
        let number = lastNumber
        look = Look(
            number: number, isExtra: isExtra, latest: deadline + Self.grace, task: Task { await work(number) })
    }

    /// A look is over: whether reactions waited for it; nil where it was given up before.
    mutating func finish(_ number: Int) -> Bool? {
        guard let look, look.number == number else { return nil }
        self.look = nil
        return look.isExtra
    }

    /// Gives up a look that is late: whether reactions waited for it; nil where none is late.
    mutating func giveUp(at now: ContinuousClock.Instant) -> Bool? {
        guard let look, look.latest <= now else { return nil }
        cancel()
        return look.isExtra
    }

    /// Ends the look, if there is one.
    mutating func cancel() {
        look?.task.cancel()
        look = nil
    }
}
