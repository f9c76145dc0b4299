import Injector
import JSON
import SecretSpec

extension FuzzTarget {
    private static let injector = PodInjector(InjectorConfiguration(agentImage: "registry.example/agent:1"))
    private static let account = [
        "azure.workload.identity/client-id": "11111111-1111-1111-1111-111111111111",
        "azure.workload.identity/tenant-id": "22222222-2222-2222-2222-222222222222",
    ]

    /// A request body as it comes from the network: its answer is JSON, its patch applies, and a second call adds nothing.
    static let review = FuzzTarget(name: "review") { bytes in
        guard let review = try? AdmissionReview(parsing: bytes) else { return }
        let examination = injector.examine(review)
        let decision = injector.decide(
            examination, serviceAccountAnnotations: examination.serviceAccount == nil ? nil : account)
        let answer = must("an answer is JSON") { try JSONValue(parsing: review.answer(decision)) }
        let uid = answer["response"]?["uid"]?.string
        require(uid.map { Array($0.utf8) } == Array(review.uid.utf8), "an answer has the request's uid")
        // The apiserver decodes a pod before it asks: what has no Pod's shape cannot come from it.
        if case .inject(let plan) = decision, hasShapeOfPod(review.object) {
            check(plan, pod: review.object, namespace: review.namespace)
        }
    }

    /// Annotations as a user may write them, `key=value` with NUL between them, on a pod that is fine without.
    static let annotations = FuzzTarget(name: "annotations") { bytes in
        var annotations = JSONObject()
        for part in bytes.split(separator: 0) {
            guard let text = String(validating: part, as: UTF8.self),
                let mark = text.utf8.firstIndex(of: UInt8(ascii: "="))
            else {
                return
            }
            annotations["latchkey.dev/" + text[..<mark]] = .string(String(text[mark...].dropFirst()))
        }
        let pod: JSONValue = [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "a", "annotations": .object(annotations)],
            "spec": [
                "serviceAccountName": "sa", "securityContext": ["runAsUser": 1000, "fsGroup": 2000],
                "containers": [["name": "app", "image": "app"], ["name": "side", "image": "side"]],
            ],
        ]
        let decision = injector.decide(
            injector.examine(pod: pod, namespace: "ns"), serviceAccountAnnotations: account)
        switch decision {
        case .inject(let plan): check(plan, pod: pod, namespace: "ns")
        case .deny(let problems):
            require(!problems.isEmpty && problems.allSatisfy { !"\($0)".isEmpty }, "a denial says why")
        case .skip: break
        }
    }

    private static func check(_ plan: InjectionPlan, pod: JSONValue, namespace: String) {
        let patched = must("a patch applies") { try plan.patch.applied(to: pod) }
        let second = injector.decide(
            injector.examine(pod: patched, namespace: namespace), serviceAccountAnnotations: account)
        guard case .inject(let again) = second else { return require(false, "an injected pod is injected again") }
        require(again.patch.isEmpty, "an injected pod stays as it is")
        require(again.agentPlan == plan.agentPlan, "an injected pod has the same plan")
        guard plan.agentPlan?.files.isEmpty == false else { return }
        // Nothing that a user wrote reaches what is run or with which rights.
        let agents =
            patched["spec"]?["initContainers"]?.array?.filter { $0["image"] == "registry.example/agent:1" } ?? []
        require(agents.contains { $0["command"] == ["/latchkey-agent", "init"] }, "the agent's command is ours")
        for agent in agents where agent["command"] == ["/latchkey-agent", "init"] {
            let context = agent["securityContext"]
            require(context?["allowPrivilegeEscalation"] == false, "the agent cannot gain privileges")
            require(context?["capabilities"]?["drop"] == ["ALL"], "the agent has no capability")
        }
    }

    private static func hasShapeOfPod(_ pod: JSONValue) -> Bool {
        func hasShape(_ list: JSONValue?, _ names: [String]) -> Bool {
            guard let list, list != .null else { return true }
            return list.array?.allSatisfy { element in
                element.object != nil && names.allSatisfy { hasShape(element[$0], []) }
                    && element["name"]?.string != nil
            } ?? false
        }
        guard pod["metadata"]?.object != nil, let spec = pod["spec"], spec.object != nil,
            spec["containers"]?.array != nil
        else {
            return false
        }
        return hasShape(spec["volumes"], []) && hasShape(spec["containers"], ["volumeMounts"])
            && hasShape(spec["initContainers"], ["volumeMounts"])
    }
}
