import JSON

// Plans are equal where their JSON is: Swift's own comparison of texts is not exact (see `ExactText`), and equal plans
// must give equal bytes.

extension AgentPlan: Equatable {
    /// Whether both are equal in that sense.
    public static func == (left: AgentPlan, right: AgentPlan) -> Bool { left.json == right.json }
}

extension AgentPlan.File: Equatable {
    /// Whether both are equal in that sense.
    public static func == (left: Self, right: Self) -> Bool { left.json == right.json }
}

extension AgentPlan.Azure: Equatable {
    /// Whether both are equal in that sense.
    public static func == (left: Self, right: Self) -> Bool { left.json == right.json }
}

extension AgentPlan.Azure.Identity: Hashable {
    /// Whether both are equal in that sense.
    public static func == (left: Self, right: Self) -> Bool { left.json == right.json }

    /// Hashes what ``==(_:_:)`` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ExactText(tenantID))
        hasher.combine(ExactText(clientID))
    }
}
