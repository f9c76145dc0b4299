import Injector
import JSON
import SecretSpec
import Testing

@Suite("Ownership and modes")
struct OwnershipTests {
    /// What a pod says of users and groups, and what must come of it.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var pod: JSONValue = .null
        var containers: [JSONValue] = [.null]
        var annotations: [String: String] = [:]
        var uid: Int? = 65532
        var gid: Int? = 65532
        var group: UInt32?
        var mode: UInt32
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "nothing stated", mode: 0o444),
        Case(name: "pod user", pod: ["runAsUser": 1000], uid: 1000, mode: 0o400),
        Case(name: "container user", containers: [["runAsUser": 1000]], uid: 1000, mode: 0o400),
        Case(
            name: "container over pod", pod: ["runAsUser": 1], containers: [["runAsUser": 1000]],
            uid: 1000, mode: 0o400),
        Case(
            name: "two users", containers: [["runAsUser": 1000], ["runAsUser": 1001]], mode: 0o444),
        Case(
            name: "two users, one stated by the pod", pod: ["runAsUser": 1000],
            containers: [.null, ["runAsUser": 1001]], uid: 1000, mode: 0o444),
        Case(
            name: "two users and an fsGroup", pod: ["fsGroup": 2000],
            containers: [["runAsUser": 1000], ["runAsUser": 1001]], group: 2000, mode: 0o440),
        Case(name: "fsGroup alone", pod: ["fsGroup": 2000], group: 2000, mode: 0o440),
        Case(
            name: "user and fsGroup", pod: ["runAsUser": 1000, "runAsGroup": 3000, "fsGroup": 2000],
            uid: 1000,
            gid: 3000, group: 2000, mode: 0o400),
        Case(
            name: "two users of one group",
            containers: [["runAsUser": 1, "runAsGroup": 7], ["runAsUser": 2, "runAsGroup": 7]],
            gid: 7, group: 7, mode: 0o440),
        Case(
            name: "supplemental group", pod: ["supplementalGroups": [4000, 5000]],
            containers: [["runAsUser": 1], ["runAsUser": 2]], group: 4000, mode: 0o440),
        Case(
            name: "pod user that no container has", pod: ["runAsUser": 0],
            containers: [["runAsUser": 1000], ["runAsUser": 1001]], mode: 0o444),
        Case(name: "root", pod: ["runAsUser": 0], uid: 0, mode: 0o444),
        Case(
            name: "root with fsGroup", pod: ["runAsUser": 0, "fsGroup": 9], uid: 0, group: 9, mode: 0o440),
        Case(
            name: "root beside a user", containers: [["runAsUser": 0], ["runAsUser": 1000]], uid: 1000,
            mode: 0o444),
        Case(
            name: "asserted user", annotations: ["latchkey.dev/run-as-user": "999"], uid: 999, mode: 0o400
        ),
        Case(
            name: "explicit mode for a known user", pod: ["runAsUser": 1000],
            annotations: ["latchkey.dev/mode.db": "0600"], uid: 1000, mode: 0o600),
        Case(
            name: "explicit mode for an asserted user",
            annotations: ["latchkey.dev/mode.db": "600", "latchkey.dev/run-as-user": "999"], uid: 999,
            mode: 0o600),
        Case(
            name: "0440 with fsGroup", pod: ["fsGroup": 2000],
            annotations: ["latchkey.dev/mode.db": "0440"],
            group: 2000, mode: 0o440),
        Case(
            name: "0400 for root that may read all, beside a user",
            containers: [["runAsUser": 0], ["runAsUser": 5]],
            annotations: ["latchkey.dev/mode.db": "0400"], uid: 5, mode: 0o400),
    ]

    private func pod(_ example: Case) -> JSONValue {
        let containers = example.containers.enumerated().map { index, context in
            let container: JSONValue = ["name": .string("c\(index)")]
            return context == .null ? container : container.setting(["securityContext"], context)
        }
        return Sample.pod(
            annotations: ["latchkey.dev/secret.db": "akv://shop/db"].merging(example.annotations) { $1 },
            containers: .array(containers),
            spec: example.pod == .null ? [] : [("securityContext", example.pod)])
    }

    @Test("the application can read its files and nobody needs more", arguments: cases)
    func readable(_ example: Case) throws {
        let plan = try Sample.decide(pod(example)).plan()
        let after = try plan.patch.applied(to: pod(example))
        let context = after["spec"]?["initContainers"]?.named("latchkey-agent")?["securityContext"]
        #expect(context?["runAsUser"]?.int == example.uid)
        #expect(context?["runAsGroup"]?.int == example.gid)
        #expect(context?["runAsNonRoot"]?.bool == (example.uid != 0))
        #expect(plan.agentPlan?.group == example.group)
        #expect(plan.agentPlan?.files.map(\.mode) == [example.mode])
    }

    /// Modes that somebody could not read, and what the sentence must offer.
    static let refusals: [(String, Case, String)] = [
        ("0400", Case(name: "unknown user", mode: 0), "latchkey.dev/run-as-user"),
        ("0440", Case(name: "unknown user, no group", mode: 0), "fsGroup"),
        (
            "0400", Case(name: "two users", containers: [["runAsUser": 1], ["runAsUser": 2]], mode: 0),
            "0444"
        ),
        ("0400", Case(name: "fsGroup only", pod: ["fsGroup": 5], mode: 0), "latchkey.dev/run-as-user"),
        ("0040", Case(name: "owner without right", pod: ["runAsUser": 5], mode: 0), "0444"),
        ("0000", Case(name: "nobody", pod: ["runAsUser": 5], mode: 0), "0444"),
        (
            "0400",
            Case(
                name: "root without the capability beside a user",
                containers: [["runAsUser": 0, "capabilities": ["drop": ["ALL"]]], ["runAsUser": 5]], mode: 0
            ), "0444"
        ),
    ]

    @Test("a mode that cannot be kept is denied with its remedy", arguments: refusals)
    func refused(_ mode: String, _ example: Case, _ remedy: String) throws {
        var example = example
        example.annotations = ["latchkey.dev/mode.db": mode]
        let problems = try Sample.decide(pod(example)).problems()
        #expect(problems.map(\.kind) == [.ownership])
        #expect(problems.map(\.key) == ["latchkey.dev/mode.db"])
        #expect(problems.first?.message.contains(remedy) ?? false, "\(problems)")
    }

    @Test("only the containers with the files decide")
    func otherContainersDoNotMatter() throws {
        let pod = Sample.pod(
            annotations: ["latchkey.dev/secret.db": "akv://shop/db", "latchkey.dev/containers": "app"],
            containers: [
                ["name": "app", "securityContext": ["runAsUser": 1000]],
                ["name": "proxy", "securityContext": ["runAsUser": 1337]],
            ])
        let plan = try Sample.decide(pod).plan()
        #expect(plan.agentPlan?.files.map(\.mode) == [0o400])
        let after = try plan.patch.applied(to: pod)
        #expect(after["spec"]?["containers"]?.named("proxy")?["volumeMounts"] == nil)
        #expect(after["spec"]?["containers"]?.named("app")?.list("volumeMounts").count == 1)
    }
}
