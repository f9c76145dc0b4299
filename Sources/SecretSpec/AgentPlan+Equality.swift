import JSON

// Plans are equal where their JSON is: Swift's own comparison of texts is not exact (see `ExactText`), and equal plans
// must give equal bytes.

extension AgentPlan: Equatable {
    public static func == (left: AgentPlan, right: AgentPlan) -> Bool { left.json == right.json }
}

extension AgentPlan.File: Equatable {
    public static func == (left: Self, right: Self) -> Bool { left.json == right.json }
}

extension AgentPlan.Azure: Equatable {
    public static func == (left: Self, right: Self) -> Bool { left.json == right.json }
}

extension AgentPlan.Azure.Identity: Hashable {
    public static func == (left: Self, right: Self) -> Bool { left.json == right.json }

    /// Hashes what ``==(_:_:)`` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ExactText(tenantID))
        hasher.combine(ExactText(clientID))
    }
}
