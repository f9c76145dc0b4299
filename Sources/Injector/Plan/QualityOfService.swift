import JSON

/// A pod's QoS class, which an injected container must not change
/// (https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/).
enum QualityOfService: String {
    case guaranteed = "Guaranteed"
    case burstable = "Burstable"
    case bestEffort = "BestEffort"

    /// The class of these containers by the rules of the kubelet: every container counts, only CPU and memory do.
    init(_ containers: [ContainerView]) {
        var anyIsSet = false
        var allAreGuaranteed = true
        for container in containers {
            let requests = Self.quantities(container.resources["requests"])
            let limits = Self.quantities(container.resources["limits"])
            if !requests.isEmpty || !limits.isEmpty { anyIsSet = true }
            // A request that is not stated is defaulted to the limit.
            if !limits.isWhole || !requests.agrees(with: limits) { allAreGuaranteed = false }
        }
        self = !anyIsSet ? .bestEffort : allAreGuaranteed ? .guaranteed : .burstable
    }

    private enum Amount: Equatable {
        case quantity(Quantity)
        case unreadable(String)
    }

    /// CPU and memory that are not zero.
    private struct Amounts {
        let cpu: Amount?
        let memory: Amount?

        var isEmpty: Bool { cpu == nil && memory == nil }
        var isWhole: Bool { cpu != nil && memory != nil }

        /// Whether what is stated here is stated there too, and as much.
        func agrees(with other: Amounts) -> Bool {
            (cpu == nil || cpu == other.cpu) && (memory == nil || memory == other.memory)
        }
    }

    private static func quantities(_ map: JSONValue?) -> Amounts {
        Amounts(cpu: amount(map?["cpu"]), memory: amount(map?["memory"]))
    }

    /// Text that is no quantity compares as text: validation refuses it later.
    private static func amount(_ value: JSONValue?) -> Amount? {
        let text: String
        switch value {
        case .string(let string): text = string
        case .number(let number): text = number.text
        default: return nil
        }
        guard let quantity = Quantity(text) else { return .unreadable(text) }
        return quantity.isZero ? nil : .quantity(quantity)
    }
}
