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
            if limits.count < 2 || requests.contains(where: { limits[$0.key] != $0.value }) { allAreGuaranteed = false }
        }
        self = !anyIsSet ? .bestEffort : allAreGuaranteed ? .guaranteed : .burstable
    }

    private enum Amount: Equatable {
        case quantity(Quantity)
        case unreadable(String)
    }

    /// CPU and memory that are not zero. Text that is no quantity compares as text: validation refuses it later.
    private static func quantities(_ map: JSONValue?) -> [String: Amount] {
        var result: [String: Amount] = [:]
        for name in ["cpu", "memory"] {
            let text: String
            switch map?[name] {
            case .string(let string): text = string
            case .number(let number): text = number.text
            default: continue
            }
            guard let quantity = Quantity(text) else {
                result[name] = .unreadable(text)
                continue
            }
            if !quantity.isZero { result[name] = .quantity(quantity) }
        }
        return result
    }
}
