import Injector
import JSON
import SecretSpec
import Testing

@Suite("Environments at admission")
struct EnvironmentTests {
    private static let reference = "akv://shop/db"

    private func container(
        _ name: String = "app", _ env: [JSONValue] = [["name": "PW", "value": "akv://shop/db"]],
        _ extra: KeyValuePairs<String, JSONValue> = [:]
    ) -> JSONValue {
        var object = JSONObject()
        object.append("name", .string(name))
        object.append("image", "app:1")
        object.append("command", ["run"])
        object.append("env", .array(env))
        for (key, value) in extra { object[key] = value }
        return .object(object)
    }

    private func inject(
        _ pod: JSONValue, _ injector: PodInjector = Sample.injector,
        commands: [String: Result<ImageCommand, ImageCommandFailure>] = [:]
    ) throws -> (pod: JSONValue, plan: AgentPlan, warnings: [String], sentences: [String]) {
        let plan = try Sample.decide(pod, injector: injector, commands: commands).plan()
        let after = try plan.patch.applied(to: pod)
        #expect(after.withoutInjection(original: pod).text == pod.text)
        #expect(try Sample.decide(after, injector: injector).plan().patch.isEmpty)
        return (after, try #require(plan.agentPlan), plan.warnings, plan.sentences)
    }

    // MARK: Denials

    /// A pod that is refused, and what its refusal says.
    struct Refused: Sendable, CustomTestStringConvertible {
        var annotations: [String: String] = [:]
        var env: [JSONValue] = []
        let kind: InjectionProblem.Kind
        let key: String
        let remedy: String
        var testDescription: String { "\(annotations) \(env.map(\.text))" }
    }

    private static let field = "spec.containers[0].env[PW]"

    static let refused = [
        Refused(
            env: [["name": "PW", "value": "akv://nonsense"]], kind: .badReference, key: field, remedy: "reference"),
        Refused(
            env: [["name": "PW", "value": "akv://$(VAULT)/db"]], kind: .badReference, key: field, remedy: "%24"),
        Refused(
            env: [["name": "PW", "value": "x${akv://shop/$(NAME)}"]], kind: .badReference, key: field, remedy: "%24"),
        Refused(
            env: [["name": "PW", "value": "x${akv://shop/a$$b}"]], kind: .badReference, key: field, remedy: "%24"),
        Refused(env: [["name": "PW", "value": "akv://shop/a}b"]], kind: .badReference, key: field, remedy: "%7D"),
        Refused(
            env: [["name": "PW", "value": "akv://shop/db|json"]], kind: .badReference, key: field,
            remedy: "${<reference>|<filter>}"),
        Refused(
            env: [["name": "PW", "value": "akv://shop/db#*"]], kind: .badReference, key: field, remedy: "env-from"),
        Refused(env: [["name": "PW", "value": "x${akv://shop/db"]], kind: .badAnnotation, key: field, remedy: "$${"),
        Refused(
            env: [["name": "PW", "value": "x${akv://shop/db|loud}"]], kind: .badAnnotation, key: field,
            remedy: "known filters"),
        Refused(
            annotations: ["latchkey.dev/env.1ST": reference], kind: .badAnnotation, key: "latchkey.dev/env.1ST",
            remedy: "letters"),
        Refused(
            annotations: ["latchkey.dev/env.A": "plain"], kind: .badReference, key: "latchkey.dev/env.A",
            remedy: "container's env"),
        Refused(
            annotations: ["latchkey.dev/env.A": "akv://x"], kind: .badReference, key: "latchkey.dev/env.A",
            remedy: "reference"),
        Refused(
            annotations: ["latchkey.dev/env-from.a": reference], kind: .badReference, key: "latchkey.dev/env-from.a",
            remedy: "#*"),
        Refused(
            annotations: ["latchkey.dev/env-delivery": "magic"], kind: .badAnnotation,
            key: "latchkey.dev/env-delivery", remedy: "kubelet"),
        Refused(
            annotations: ["latchkey.dev/env.PW": reference], env: [["name": "PW", "value": "own"]], kind: .conflict,
            key: "latchkey.dev/env.PW", remedy: "remove one of the two"),
        Refused(
            annotations: ["latchkey.dev/env.PW": reference], env: [["name": "PW", "value": .string(reference)]],
            kind: .conflict, key: "latchkey.dev/env.PW", remedy: "remove one of the two"),
        // Somebody has put a second one behind ours.
        Refused(
            annotations: ["latchkey.dev/env.PW": reference],
            env: [["name": "PW", "value": "${akv://shop/db}"], ["name": "PW", "value": "x"]], kind: .conflict,
            key: "latchkey.dev/env.PW", remedy: "remove one of the two"),
        Refused(
            env: [
                [
                    "name": "PW",
                    "valueFrom": ["fileKeyRef": ["volumeName": "latchkey-environment", "path": "x", "key": "PW"]],
                ]
            ], kind: .conflict, key: field, remedy: "state the reference"),
        Refused(
            annotations: ["latchkey.dev/env.PW": "akv://evil.example.com/db"], kind: .badReference,
            key: "latchkey.dev/env.PW", remedy: "tokens go only to"),
    ]

    @Test("what cannot be is refused with a remedy", arguments: refused)
    func refuses(_ refused: Refused) throws {
        let pod = Sample.pod(annotations: refused.annotations, containers: [container("app", refused.env)])
        let problems = try Sample.decide(pod).problems()
        #expect(problems.map(\.kind) == [refused.kind], "\(problems)")
        #expect(problems.map(\.key) == [refused.key])
        #expect(problems.allSatisfy { $0.message.contains(refused.remedy) }, "\(problems)")
    }

    @Test("a dollar sign that the kubelet would leave right before a secret is refused; others are not")
    func dollars() throws {
        func pod(_ text: JSONValue) -> JSONValue {
            Sample.pod(
                annotations: ["latchkey.dev/env.B": "b${akv://shop/db}"],
                containers: [
                    container(
                        "app", [["name": "PW", "value": "akv://shop/db"], ["name": "T", "value": text]],
                        ["args": [text], "readinessProbe": ["exec": ["command": [text]]]])
                ])
        }
        for text: JSONValue in ["$$$(PW)", "a$$$$$(PW)b", "$(X)$$$(Y)$$$(PW)"] {
            let keys = try Sample.decide(pod(text)).problems().map(\.key)
            let field = "spec.containers[0]"
            #expect(keys == ["\(field).env[T]", "\(field).args", "\(field).readinessProbe.exec.command"])
        }
        for text: JSONValue in ["$(PW)", "$$(PW)", "$$$$(PW)", "$$$(B)", "$$$(PW", "$ $(PW)"] {
            #expect(try !inject(pod(text)).pod.text.isEmpty)
        }
    }

    @Test("all problems are named at once")
    func allProblems() throws {
        let pod = Sample.pod(
            annotations: ["latchkey.dev/env.9": Self.reference, "latchkey.dev/secret.x": "akv://y"],
            containers: [
                container(
                    "a", [["name": "A", "value": "akv://"], ["name": "B", "value": "${akv://q} ${akv://r|s}"]]),
                container("b", [["name": "C", "value": "akv://$(X)/y"]]),
            ])
        let keys = try Sample.decide(pod).problems().map(\.key)
        #expect(keys.filter { $0 == "spec.containers[0].env[B]" }.count == 3)
        #expect(
            Set(keys) == [
                "latchkey.dev/env.9", "latchkey.dev/secret.x", "spec.containers[0].env[A]",
                "spec.containers[0].env[B]", "spec.containers[1].env[C]",
            ])
    }

    @Test("a container of a mesh that starts before the agent cannot have a secret")
    func leading() throws {
        var proxy = container("istio-proxy")
        if var object = proxy.object {
            object["restartPolicy"] = "Always"
            proxy = .object(object)
        }
        let pod = Sample.pod(annotations: [:], spec: [("initContainers", [proxy])])
        let problems = try Sample.decide(pod).problems()
        #expect(problems.map(\.key) == ["spec.initContainers[0].env[PW]"])
        #expect(problems.allSatisfy { $0.message.contains("starts before the agent") })
    }

    @Test("a reference in a container that bears the agent's name starts nothing")
    func agentsName() throws {
        for name in ["latchkey-agent", "latchkey-refresh"] {
            let problems = try Sample.decide(Sample.pod(annotations: [:], containers: [container(name)])).problems()
            #expect(problems.contains { $0.key == "spec.containers[0].env" })
        }
    }

    @Test("mounts in the way of the wrapper's are refused, and misuse of its volume")
    func mounts() throws {
        let inTheWay: [JSONValue] = [
            ["name": "x", "mountPath": "/run/latchkey/bin"], ["name": "x", "mountPath": "/run/latchkey/environment/x"],
            ["name": "x", "mountPath": "/run/latchkey", "readOnly": true],
            ["name": "latchkey-environment", "mountPath": "/other", "readOnly": true],
            ["name": "latchkey-environment", "mountPath": "/run/latchkey/bin", "subPath": "other", "readOnly": true],
            ["name": "latchkey-source-0", "mountPath": "/other", "readOnly": true],
        ]
        for mount in inTheWay {
            let pod = Sample.pod(
                annotations: [:], containers: [container("app", extraMount: mount)])
            #expect(try Sample.decide(pod).problems().allSatisfy { $0.kind == .conflict })
        }
        let annotations = ["latchkey.dev/mount-path": "/run/latchkey", "latchkey.dev/secret.x": Self.reference]
        let problems = try Sample.decide(Sample.pod(annotations: annotations, containers: [container()])).problems()
        #expect(problems.map(\.key) == ["latchkey.dev/mount-path"])
    }

    private func container(_ name: String, extraMount: JSONValue) -> JSONValue {
        container(name, [["name": "PW", "value": "akv://shop/db"]], ["volumeMounts": [extraMount]])
    }

    // MARK: Containers

    @Test("annotations are for the containers that they name; a visible reference is its own container's")
    func readers() throws {
        let pod = Sample.pod(
            annotations: [
                "latchkey.dev/env.A": Self.reference, "latchkey.dev/containers": "app",
                "latchkey.dev/env-from.s": "akv://shop/all#*",
            ],
            containers: [container("app", [["name": "Z", "value": "1"]]), container("other"), container("third", [])])
        let (after, plan, _, _) = try inject(pod)
        let containers = try #require(plan.environments).containers
        #expect(containers.map(\.container) == ["app", "other"])
        #expect(containers[0].placeholders.map(\.source) == ["latchkey.dev/env.A"])
        #expect(containers[0].ownNames == ["A", "Z"])
        #expect(containers[0].keySets.map(\.reference.text) == ["akv://shop/all#*"])
        #expect(containers[1].placeholders.map(\.text) == [Self.reference])
        #expect(containers[1].placeholders.map(\.source) == ["env PW of container other"])
        #expect(containers[1].keySets.isEmpty && containers[1].ownNames.isEmpty)
        let commands = after.list("spec", "containers").map { $0.list("command").count }
        #expect(commands == [5, 5, 1])
        // No file, so none is mounted.
        #expect(after.list("spec", "containers").allSatisfy { !$0.text.contains("latchkey-secrets") })
    }

    @Test("init containers behind the agent get theirs, and the plan is the same once the agent is among them")
    func initContainers() throws {
        let pod = Sample.pod(
            annotations: [:], containers: [container("app", [])],
            spec: [("initContainers", [container("migrate"), container("plain", [])])])
        let (after, plan, _, _) = try inject(pod)
        #expect(plan.environments?.containers.map(\.container) == ["migrate"])
        #expect(
            after.list("spec", "initContainers").map { $0["name"]?.string } == ["latchkey-agent", "migrate", "plain"])
    }

    @Test("exec probes and hooks see the same environment; others are left alone")
    func hooks() throws {
        let exec: JSONValue = ["exec": ["command": ["check", "$(PW)"]], "periodSeconds": 3]
        let pod = Sample.pod(
            annotations: [:],
            containers: [
                container(
                    "app", [["name": "PW", "value": "akv://shop/db"]],
                    [
                        "livenessProbe": exec, "readinessProbe": exec, "startupProbe": ["httpGet": ["port": 1]],
                        "lifecycle": ["preStop": exec, "postStart": ["sleep": ["seconds": 1]]],
                    ]),
                container("other", [], ["livenessProbe": exec]),
            ])
        let (after, _, _, _) = try inject(pod)
        let app = after.list("spec", "containers")[0]
        let wrapped = JSONValue.array(JSONObject.wrapper + ["check", "$(PW)"])
        for path in [["livenessProbe"], ["readinessProbe"], ["lifecycle", "preStop"]] {
            #expect((path + ["exec", "command"]).reduce(app as JSONValue?) { $0?[$1] } == wrapped)
        }
        #expect(app["startupProbe"] == ["httpGet": ["port": 1]])
        #expect(after.list("spec", "containers")[1] == pod.list("spec", "containers")[1])
    }

    // MARK: Images

    @Test("an image's command is asked for the pod's architecture; what it says is not expanded")
    func images() throws {
        let pod = Sample.pod(
            annotations: ["latchkey.dev/env.PW": Self.reference],
            containers: [
                ["name": "a", "image": "r/a:1"], ["name": "b", "image": "r/a:1"], ["name": "c", "image": "r/b"],
            ],
            spec: [
                ("nodeSelector", ["kubernetes.io/arch": "arm64"]), ("imagePullSecrets", [["name": "pull"]]),
                ("serviceAccountName", "robot"),
            ])
        let examination = Sample.injector.examine(pod: pod, namespace: "shop")
        #expect(examination.images.map(\.image) == ["r/a:1", "r/b"])
        #expect(examination.images.map(\.container) == ["a", "c"])
        #expect(examination.images.allSatisfy { $0.architectures == ["arm64"] })
        #expect(examination.pullSecrets.names == ["pull"])
        #expect(examination.pullSecrets.serviceAccount?.description == "shop/robot")
        let command = ImageCommand(entrypoint: ["/e", "$(A) $B"], cmd: ["c$"])
        let (after, _, _, _) = try inject(pod, commands: ["r/a:1": .success(command), "r/b": .success(command)])
        for container in after.list("spec", "containers") {
            #expect(container.list("command") == JSONObject.wrapper + ["/e", "$$(A) $$B"])
            #expect(container.list("args") == ["c$$"])
        }
        let empty = ImageCommand(entrypoint: [], cmd: [])
        let denied = Sample.decide(pod, commands: ["r/a:1": .success(command), "r/b": .success(empty)])
        #expect(try denied.problems().map(\.key) == ["spec.containers[2].command"])
        #expect(try denied.problems().map(\.message).joined().contains("neither ENTRYPOINT nor CMD"))
        let failed = Sample.decide(pod, commands: ["r/a:1": .failure(ImageCommandFailure("registry r is down"))])
        let messages = try failed.problems().map(\.message)
        #expect(
            messages.count == 3 && messages[0].contains("registry r is down") && messages[2].contains("no registry"))
        #expect(Sample.injector.examine(pod: Sample.pod(), namespace: "x").images.isEmpty)
    }

    @Test("args alone stay behind an image's entrypoint, and are the command where it has none")
    func argumentsAlone() throws {
        let containers: JSONValue = [["name": "a", "image": "i", "args": ["x", "$(PW)"]]]
        let pod = Sample.pod(annotations: ["latchkey.dev/env.PW": Self.reference], containers: containers)
        for (entrypoint, cmd) in [(["/e"], ["unused"]), ([], ["unused"]), ([], [])] {
            let command = ImageCommand(entrypoint: entrypoint, cmd: cmd)
            let (after, _, _, _) = try inject(pod, commands: ["i": .success(command)])
            let app = after.list("spec", "containers")[0]
            #expect(app.list("command") == JSONObject.wrapper + entrypoint.map { .string($0) })
            #expect(app["args"] == ["x", "$(PW)"])
        }
    }

    // MARK: The agent

    @Test("the agent's memory and mounts grow by the volume; the file is readable to its container alone")
    func agent() throws {
        let limits: JSONValue = ["limits": ["memory": "1Gi"]]
        let pod = Sample.pod(
            annotations: [:],
            containers: [
                container(
                    "a", [["name": "PW", "value": "akv://shop/db"]],
                    [
                        "resources": limits, "securityContext": ["runAsUser": 1000],
                    ]),
                container("b", [["name": "PW", "value": "akv://shop/db"]], ["securityContext": ["runAsUser": 2000]]),
                container("c", [["name": "PW", "value": "akv://shop/db"]]),
            ], spec: [("securityContext", ["fsGroup": 3000])])
        let (after, plan, _, sentences) = try inject(pod)
        let agent = try #require(after["spec"]?["initContainers"]?.named("latchkey-agent"))
        #expect(agent["resources"]?["limits"]?["memory"] == "36Mi")
        #expect(
            agent.list("volumeMounts").contains {
                $0 == ["name": "latchkey-environment", "mountPath": "/run/latchkey/environment"]
            })
        let volume = after["spec"]?["volumes"]?.named("latchkey-environment")
        #expect(volume?["emptyDir"] == ["medium": "Memory", "sizeLimit": "4Mi"])
        #expect(plan.group == 3000)
        #expect(plan.environments?.containers.map(\.mode) == [0o440, 0o440, 0o440])
        #expect(sentences.contains { $0.contains("container a: latchkey-exec before its command puts in PW") })
        #expect(plan.refresh != nil)
        let plain = try inject(Sample.pod(containers: [container("a", [], ["resources": limits])]))
        #expect(
            plain.pod["spec"]?["initContainers"]?.named("latchkey-agent")?["resources"]?["limits"]?["memory"] == "32Mi")
    }

    @Test("restart follows changed values too; a signal does not, and the pod is told so")
    func reactions() throws {
        func pod(_ onChange: String, _ extra: KeyValuePairs<String, JSONValue> = [:]) -> JSONValue {
            Sample.pod(
                annotations: ["latchkey.dev/on-change": onChange, "latchkey.dev/env.A": Self.reference],
                containers: [container("app", [["name": "PW", "value": "akv://shop/db"]], extra)])
        }
        let restart = try inject(pod("restart"))
        let reaction = try #require(restart.plan.refresh?.reactions.first)
        #expect(reaction.sources == ["latchkey.dev/env.A", "env PW of container app"])
        #expect(reaction.action == .restartByProbe(containers: ["app"], windowSeconds: 35))
        #expect(restart.warnings.isEmpty)
        let own = pod("restart", ["livenessProbe": ["tcpSocket": ["port": 1]]])
        #expect(try Sample.decide(own).problems().map(\.key) == ["latchkey.dev/on-change"])
        let request = try inject(pod("http://127.0.0.1:1/"))
        #expect(request.plan.refresh?.reactions.isEmpty ?? false)
        #expect(request.warnings.count == 1 && request.warnings[0].contains("restart"))
    }

    // MARK: Forgery

    @Test("half an injection is completed, and whatever another webhook did in between is put behind the wrapper")
    func mended() throws {
        let pod = Sample.pod(annotations: ["latchkey.dev/env.A": Self.reference], containers: [container()])
        let honest = try inject(pod).pod
        let app = JSONPointer(["spec", "containers", "0"])
        let changes: [[JSONPatch.Operation]] = [
            [.remove(path: app.appending("volumeMounts"))], [.remove(path: app.appending("volumeMounts").appending(1))],
            [.replace(path: app.appending("command"), value: ["run"])],
            [.replace(path: app.appending("env").appending(1).appending("value"), value: "akv://shop/db")],
            [.remove(path: app.appending("env").appending(0))],
            [.remove(path: JSONPointer(["spec", "initContainers"]))],
            [.remove(path: JSONPointer(["spec", "volumes"]))],
            [.remove(path: app.appending("command")), .add(path: app.appending("command"), value: ["run"])],
        ]
        for change in changes {
            let changed = try JSONPatch(change).applied(to: honest)
            let mended = try Sample.decide(changed).plan().patch.applied(to: changed)
            #expect(mended == honest, "\(change)")
        }
        let taken = try JSONPatch([.remove(path: app.appending("command"))]).applied(to: honest)
        #expect(try Sample.decide(taken).problems().map(\.key) == ["spec.containers[0].command"])
        // Another webhook wraps the wrapper.
        let other = try JSONPatch([
            .replace(path: app.appending("command"), value: .array(["/other"] + JSONObject.wrapper + ["run"]))
        ]).applied(to: honest)
        let both = try Sample.decide(other).plan().patch.applied(to: other)
        #expect(
            both.list("spec", "containers")[0].list("command")
                == JSONObject.wrapper + ["/other"] + JSONObject.wrapper + ["run"])
        #expect(try Sample.decide(both).plan().patch.isEmpty)
    }
}
