import NIOCore

/// A body on its way in.
struct BodyCollector {
    /// Why a body is not taken.
    enum Refusal: Error {
        case tooLarge
        case busy
    }

    private(set) var bytes: [UInt8] = []
    private var taken = 0
    private let limits: ServerLimits
    private let budget: BodyBudget

    /// - Parameter announced: the length that the client says; nil where it does not.
    init(announced: Int?, limits: ServerLimits, budget: BodyBudget) {
        self.limits = limits
        self.budget = budget
        // Not more than is free: a client that announces much and sends nothing must not hold memory.
        bytes.reserveCapacity(max(0, min(announced ?? 0, limits.freeBodyBytes)))
    }

    /// Appends a part.
    mutating func append(_ part: ByteBuffer) throws(Refusal) {
        let count = bytes.count + part.readableBytes
        guard count <= limits.maximumBodyBytes else { throw .tooLarge }
        let needed = count > limits.freeBodyBytes ? count : 0
        if needed > taken {
            guard budget.take(needed - taken) else { throw .busy }
            taken = needed
        }
        bytes.append(contentsOf: part.readableBytesView)
    }

    /// Gives back what was taken of the budget; must be called once the body is done with.
    mutating func release() {
        budget.give(taken)
        taken = 0
    }
}
