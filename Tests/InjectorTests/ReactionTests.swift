import Injector
import JSON
import SecretSpec
import Testing

@Suite("Reactions to a change")
struct ReactionTests {
    /// A pod that wants `restart`, or whatever else is said.
    private func pod(
        _ onChange: String = "restart", _ annotations: [String: String] = [:],
        containers: JSONValue = [["name": "app"]], spec: [(String, JSONValue)] = []
    ) -> JSONValue {
        let own = ["latchkey.dev/secret.db": "akv://shop/db", "latchkey.dev/on-change": onChange]
        return Sample.pod(annotations: own.merging(annotations) { $1 }, containers: containers, spec: spec)
    }

    private func refresh(_ pod: JSONValue, _ injector: PodInjector = Sample.injector) throws -> AgentPlan.Refresh {
        try #require(try Sample.decide(pod, injector: injector).plan().agentPlan?.refresh)
    }

    private func actions(_ pod: JSONValue) throws -> [AgentPlan.Action] { try refresh(pod).reactions.map(\.action) }

    private func inject(_ pod: JSONValue) throws -> JSONValue { try Sample.decide(pod).plan().patch.applied(to: pod) }

    private static let sharing: [(String, JSONValue)] = [
        ("shareProcessNamespace", true), ("securityContext", ["runAsUser": 1000]),
    ]
    private static let ownProbe: JSONValue = ["name": "app", "livenessProbe": ["exec": ["command": ["true"]]]]
    private static let sighup = Signal(name: "SIGHUP")

    // MARK: What is planned

    @Test("equal wishes are one reaction, in the order of the files")
    func merged() throws {
        let reactions = try refresh(
            pod(
                "http://127.0.0.1:8080/reload",
                [
                    "latchkey.dev/secret.a": "akv://shop/a", "latchkey.dev/on-change.a": "SIGHUP",
                    "latchkey.dev/secret.b": "akv://shop/b", "latchkey.dev/on-change.b": "none",
                    "latchkey.dev/template.t": "${db}", "latchkey.dev/template.u": "${db}",
                    "latchkey.dev/on-change.u": "SIGHUP", "latchkey.dev/template.constant": "x",
                ], spec: Self.sharing)
        ).reactions
        #expect(
            reactions.map(\.sources) == [
                ["latchkey.dev/secret.a", "latchkey.dev/template.u"],
                ["latchkey.dev/secret.db", "latchkey.dev/template.t"],
            ])
        #expect(
            reactions.map(\.action) == [
                .signal(try #require(Self.sighup)),
                .request(.init(method: "POST", url: "http://127.0.0.1:8080/reload")),
            ])
    }

    @Test("a request needs a loopback of the pod's own and nothing else")
    func request() throws {
        let expected = AgentPlan.LoopbackRequest(method: "PUT", url: "http://[::1]:9/x?y=z", status: 204)
        let pod = pod("PUT http://[::1]:9/x?y=z 204", containers: [Self.ownProbe])
        #expect(try actions(pod) == [.request(expected)])
        #expect(try refresh(pod).port == nil)
    }

    @Test("a restart adds a probe to each container with the files that has none, and to nothing else")
    func restartByProbe() throws {
        let before = pod(
            containers: [["name": "app"], ["name": "side", "livenessProbe": .null], ["name": "other"]],
            spec: [
                ("initContainers", [["name": "setup"], ["name": "log", "restartPolicy": "Always"]]),
                ("terminationGracePeriodSeconds", 5),
            ]
        ).annotated(["latchkey.dev/containers": "app,side,setup,log"])
        let refresh = try refresh(before)
        #expect(
            refresh.reactions.map(\.action) == [.restartByProbe(containers: ["log", "app", "side"], windowSeconds: 35)])
        #expect(refresh.port == 9911 && !refresh.servesMetrics && refresh.restartSpreadSeconds == 60)
        let after = try inject(before)
        func probe(_ name: String) -> JSONValue {
            [
                "httpGet": ["path": .string("/restart/\(name)"), "port": 9911], "periodSeconds": 5,
                "failureThreshold": 6, "timeoutSeconds": 5,
            ]
        }
        let containers = after.list("spec", "initContainers") + after.list("spec", "containers")
        for container in containers {
            let name = container["name"]?.string ?? ""
            #expect(
                container["livenessProbe"] == (["log", "app", "side"].contains(name) ? probe(name) : nil), "\(name)")
        }
        #expect(try Sample.decide(after).plan().patch.isEmpty)
        let stored = try after.withAPIServerDefaults()
        #expect(try Sample.decide(stored).plan().patch.isEmpty)
        let review = try AdmissionReview(parsing: Sample.review(stored).serialized())
        let again = Sample.injector.decide(review, serviceAccountAnnotations: Sample.accountAnnotations)
        #expect(try again.plan().patch.isEmpty)
    }

    @Test("on older kubelets the classic sidecar is no reader, and an init container is none that lasts")
    func oldCluster() throws {
        let before = pod(spec: [("initContainers", [["name": "log", "restartPolicy": "Always"]])])
        let plan = try Sample.decide(before, injector: AgentShapeTests.old).plan()
        #expect(
            plan.agentPlan?.refresh?.reactions.map(\.action) == [
                .restartByProbe(containers: ["app"], windowSeconds: 35)
            ])
        let after = try plan.patch.applied(to: before)
        #expect(after.list("spec", "containers").map { $0["livenessProbe"] == nil } == [false, true])
        #expect(try Sample.decide(after, injector: AgentShapeTests.old).plan().patch.isEmpty)
    }

    @Test("a container that another webhook adds later gets its probe at reinvocation")
    func lateContainer() throws {
        let late = try JSONPatch([
            .add(
                path: JSONPointer(["spec", "containers", "-"]),
                value: ["name": "late", "ports": [["containerPort": 9911]]])
        ]).applied(to: inject(pod()))
        let after = try inject(late)
        // The late one has taken the port: the probe of the first moves with it.
        let ports = after.list("spec", "containers").map { $0["livenessProbe"]?["httpGet"]?["port"]?.int }
        #expect(ports == [9912, 9912])
        #expect(try refresh(late).port == 9912)
        #expect(try Sample.decide(after).plan().patch.isEmpty)
    }

    @Test("where a container has a probe of its own, SIGTERM restarts those whose processes are shared")
    func restartBySignal() throws {
        let before = pod(
            containers: [Self.ownProbe, ["name": "side"]],
            spec: Self.sharing + [("terminationGracePeriodSeconds", 7)])
        #expect(try actions(before) == [.restartBySignal(graceSeconds: 7)])
        #expect(try refresh(before).port == nil)
        let after = try inject(before)
        #expect(after.list("spec", "containers").map { $0["livenessProbe"] == nil } == [false, true])
        #expect(try actions(pod(spec: Self.sharing + [("hostNetwork", true)])) == [.restartBySignal(graceSeconds: 30)])
        // A probe is the better way where there is one.
        #expect(try actions(pod(spec: Self.sharing)) == [.restartByProbe(containers: ["app"], windowSeconds: 35)])
    }

    @Test("a signal is for processes of the agent's own user, in a namespace that they share")
    func signal() throws {
        let wanted = [AgentPlan.Action.signal(try #require(Self.sighup))]
        #expect(try actions(pod("SIGHUP", spec: Self.sharing)) == wanted)
        let shared: [(String, JSONValue)] = [("shareProcessNamespace", true)]
        #expect(try actions(pod("SIGHUP", ["latchkey.dev/run-as-user": "0"], spec: shared)) == wanted)
        let two: JSONValue = [
            ["name": "app", "securityContext": ["runAsUser": 7]], ["name": "b", "securityContext": ["runAsUser": 8]],
        ]
        #expect(
            try actions(pod("SIGHUP", ["latchkey.dev/containers": "app"], containers: two, spec: shared)) == wanted)
        // An init container of another user has ended by then.
        let setup: [(String, JSONValue)] = [
            ("initContainers", [["name": "setup", "securityContext": ["runAsUser": 0]]])
        ]
        #expect(try actions(pod("SIGHUP", spec: Self.sharing + setup)) == wanted)
    }

    // MARK: What cannot be

    /// A pod, and what the sentence must say.
    struct Denial: Sendable, CustomTestStringConvertible {
        let name: String
        var onChange = "restart"
        var annotations: [String: String] = [:]
        var containers: JSONValue = [["name": "app"]]
        var spec: [(String, JSONValue)] = []
        let says: [String]
        var testDescription: String { name }
    }

    static let denials: [Denial] = [
        Denial(
            name: "a signal without a shared namespace", onChange: "SIGHUP",
            says: ["SIGHUP cannot be sent", "add shareProcessNamespace: true", "[METHOD ]http://127.0.0.1:PORT/path"]),
        Denial(
            name: "a signal in the node's namespace", onChange: "SIGHUP", spec: [("hostPID", true)],
            says: ["hostPID is the node's", "instead of hostPID"]),
        Denial(
            name: "a signal to an unknown user", onChange: "SIGHUP", spec: [("shareProcessNamespace", true)],
            says: ["container \"app\" runs as a user that its image decides", "latchkey.dev/run-as-user: \"<uid>\""]),
        Denial(
            name: "a signal to another user", onChange: "SIGHUP",
            containers: [["name": "app"], ["name": "b", "securityContext": ["runAsUser": 8]]], spec: sharing,
            says: ["container \"b\" runs as uid 8 and the agent as uid 1000", "latchkey.dev/containers"]),
        Denial(
            name: "a signal to root", onChange: "SIGHUP", annotations: ["latchkey.dev/run-as-user": "5"],
            containers: [["name": "app", "securityContext": ["runAsUser": 0]]],
            spec: [("shareProcessNamespace", true)], says: ["runs as uid 0 and the agent as uid 5"]),
        Denial(
            name: "nobody is there to be signalled", onChange: "SIGHUP",
            annotations: ["latchkey.dev/containers": "setup"],
            spec: sharing + [("initContainers", [["name": "setup"]])], says: ["no container that goes on running"]),
        Denial(
            name: "nobody is there to be restarted", annotations: ["latchkey.dev/containers": "setup"],
            spec: [("initContainers", [["name": "setup"]])], says: ["no container that goes on running"]),
        Denial(
            name: "restart under Never", annotations: ["latchkey.dev/refresh": "1m"],
            spec: [("restartPolicy", "Never")], says: ["restartPolicy is Never", "Always or OnFailure"]),
        Denial(
            name: "a probe of its own and nothing shared", containers: [ownProbe],
            says: [
                "container \"app\" has a livenessProbe of its own; remove it, or leave the container out with "
                    + "latchkey.dev/containers", "add shareProcessNamespace: true", "HTTP request",
            ]),
        Denial(
            name: "a probe of its own and an unknown user", containers: [ownProbe],
            spec: [("shareProcessNamespace", true)],
            says: ["has a livenessProbe of its own", "latchkey.dev/run-as-user"]),
        Denial(
            name: "a probe of its own in a pod that ends well", annotations: ["latchkey.dev/refresh": "1m"],
            containers: [ownProbe], spec: sharing + [("restartPolicy", "OnFailure")],
            says: ["has a livenessProbe of its own", "take restartPolicy Always"]),
        Denial(
            name: "the node's network", spec: [("hostNetwork", true)],
            says: ["hostNetwork", "opens no port", "add shareProcessNamespace: true"]),
        Denial(
            name: "a request on the node's network", onChange: "http://127.0.0.1:80/", spec: [("hostNetwork", true)],
            says: ["whose loopback is the node's", "take hostNetwork out"]),
        Denial(
            name: "probes of an agent that may end", annotations: ["latchkey.dev/on-revoked": "fail"],
            says: [
                "under latchkey.dev/on-revoked: fail the agent ends", "over and over", "keep or remove",
                "an HTTP request",
            ]),
        Denial(
            name: "a probe that only looks like ours",
            containers: [
                [
                    "name": "app",
                    "livenessProbe": [
                        "httpGet": ["path": "/restart/app", "port": 9911], "periodSeconds": 10, "failureThreshold": 6,
                        "timeoutSeconds": 5,
                    ],
                ]
            ], says: ["has a livenessProbe of its own"]),
        Denial(
            name: "a container that is not started again", containers: [["name": "app", "restartPolicy": "Never"]],
            says: ["container \"app\"'s restartPolicy is Never"]),
        Denial(
            name: "SIGTERM to a container that ends well",
            containers: [ownProbe, ["name": "side", "restartPolicy": "OnFailure"]], spec: sharing,
            says: ["container \"side\"'s restartPolicy is OnFailure", "take restartPolicy Always"]),
        Denial(
            name: "Kuma", containers: [["name": "app"], ["name": "kuma-sidecar"]],
            says: ["kuma-sidecar would catch", "traffic.kuma.io/exclude-inbound-ports: \"9911\""]),
        Denial(
            name: "Consul", containers: [["name": "app"], ["name": "consul-dataplane"]],
            says: ["consul.hashicorp.com/transparent-proxy-exclude-inbound-ports: \"9911\""]),
        Denial(
            name: "a mesh that catches the port", containers: [["name": "app"], ["name": "istio-proxy"]],
            says: ["istio-proxy would catch", "traffic.sidecar.istio.io/excludeInboundPorts: \"9911\""]),
        Denial(
            name: "a mesh that lets other ports through",
            annotations: ["config.linkerd.io/skip-inbound-ports": "99,9912-9920,991-1,x-y,,-"],
            spec: [("initContainers", [["name": "linkerd-proxy", "restartPolicy": "Always"]])],
            says: ["linkerd-proxy would catch", "config.linkerd.io/skip-inbound-ports: \"9911\""]),
    ]

    @Test("what cannot work is denied with its remedy", arguments: denials)
    func denied(_ denial: Denial) throws {
        let pod = pod(
            denial.onChange, denial.annotations, containers: denial.containers, spec: denial.spec)
        let problems = try Sample.decide(pod).problems()
        try #require(problems.count == 1, "\(problems)")
        #expect(problems[0].key == "latchkey.dev/on-change" && problems[0].kind == .unsupported)
        for words in denial.says { #expect(problems[0].message.contains(words), "\(problems[0])") }
        let onHost = denial.spec.contains { $0.0 == "hostNetwork" }
        #expect(!onHost || !problems[0].message.contains("HTTP request"))
        let review = try AdmissionReview(parsing: Sample.review(pod).serialized())
        let overTheWire = Sample.injector.decide(review, serviceAccountAnnotations: Sample.accountAnnotations)
        #expect(try overTheWire.problems() == problems)
    }

    @Test("an agent that may end restarts by SIGTERM; what the operator says is told as the operator's")
    func onRevokedFails() throws {
        let fails = ["latchkey.dev/on-revoked": "fail"]
        #expect(try actions(pod("restart", fails, spec: Self.sharing)) == [.restartBySignal(graceSeconds: 30)])
        var configuration = Sample.configuration
        configuration.onRevoked = .fail
        let injector = PodInjector(configuration)
        let message = try #require(try Sample.decide(pod(), injector: injector).problems().first?.message)
        #expect(message.contains("on-revoked: fail, the operator's default"))
        #expect(message.contains("add latchkey.dev/on-revoked: keep or remove"))
        let keeps = try refresh(pod("restart", ["latchkey.dev/on-revoked": "keep"]), injector)
        #expect(keeps.reactions.map(\.action) == [.restartByProbe(containers: ["app"], windowSeconds: 35)])
    }

    @Test("a container's own restartPolicy wins over the pod's")
    func ownRestartPolicy() throws {
        let always: JSONValue = ["name": "app", "restartPolicy": "Always"]
        let once = ["latchkey.dev/refresh": "1m"]
        let probe = pod("restart", once, containers: [always], spec: [("restartPolicy", "Never")])
        #expect(try actions(probe) == [.restartByProbe(containers: ["app"], windowSeconds: 35)])
        let signal = pod(
            "restart", once,
            containers: [["name": "app", "restartPolicy": "Always", "livenessProbe": ["exec": ["command": ["true"]]]]],
            spec: Self.sharing + [("restartPolicy", "OnFailure")])
        #expect(try actions(signal) == [.restartBySignal(graceSeconds: 30)])
    }

    // MARK: Probes that nothing answers

    @Test(
        "a probe of ours is taken away where the pod wants it no more",
        arguments: [
            ["latchkey.dev/on-change": "none"], ["latchkey.dev/on-change": "none", "latchkey.dev/refresh": "off"],
            ["latchkey.dev/containers": "side"], ["latchkey.dev/on-change": "http://127.0.0.1:1/"],
        ])
    func stale(_ now: [String: String]) throws {
        let containers: JSONValue = [["name": "app"], ["name": "side"]]
        let before = try inject(pod(containers: containers)).withAPIServerDefaults()
        #expect(before.list("spec", "containers").allSatisfy { $0["livenessProbe"] != nil })
        let copy = before.annotated(now)
        let review = try AdmissionReview(parsing: Sample.review(copy).serialized())
        let decision = Sample.injector.decide(review, serviceAccountAnnotations: Sample.accountAnnotations)
        let after = try decision.plan().patch.applied(to: copy)
        let left = after.list("spec", "containers").filter { $0["livenessProbe"] != nil }.map { $0["name"]?.string }
        #expect(left == (now["latchkey.dev/containers"] == nil ? [] : ["side"]))
        #expect(try Sample.decide(after).plan().patch.isEmpty)
    }

    @Test("where a restart becomes one by SIGTERM, the probes that were ours go, and those of others stay")
    func staleBesideAnother() throws {
        let injected = try inject(pod(spec: Self.sharing))
        let late = try JSONPatch([.add(path: JSONPointer(["spec", "containers", "-"]), value: ["name": "x"])])
            .applied(to: injected)
            .setting(["spec", "restartPolicy"], "Always")
        let own: JSONValue = ["name": "x", "livenessProbe": ["exec": ["command": ["true"]]]]
        let containers = late.list("spec", "containers").dropLast() + [own]
        let copy = late.setting(["spec", "containers"], .array(Array(containers)))
        #expect(try actions(copy) == [.restartBySignal(graceSeconds: 30)])
        let after = try inject(copy).list("spec", "containers")
        #expect(after.map { $0["livenessProbe"] } == [nil, own["livenessProbe"]])
    }

    @Test("each wish is denied by its own annotation")
    func keys() throws {
        let pod = pod(
            "none",
            [
                "latchkey.dev/on-change.db": "SIGHUP", "latchkey.dev/secret.x": "akv://shop/x",
                "latchkey.dev/on-change.x": "SIGUSR1",
            ])
        #expect(
            try Sample.decide(pod).problems().map(\.key) == ["latchkey.dev/on-change.db", "latchkey.dev/on-change.x"])
    }

    // MARK: Meshes

    @Test(
        "a mesh that leaves the port alone is no obstacle, and its proxy is not restarted",
        arguments: [
            ("istio-proxy", "traffic.sidecar.istio.io/excludeInboundPorts", "9911"),
            ("istio-proxy", "traffic.sidecar.istio.io/excludeInboundPorts", "80, 9911"),
            ("linkerd-proxy", "config.linkerd.io/skip-inbound-ports", "25,9900-9950"),
            ("kuma-sidecar", "traffic.kuma.io/exclude-inbound-ports", "9911"),
            ("consul-dataplane", "consul.hashicorp.com/transparent-proxy-exclude-inbound-ports", "1,9911"),
        ])
    func mesh(_ proxy: String, _ annotation: String, _ ports: String) throws {
        let probe: JSONValue = ["httpGet": ["path": "/live", "port": 4191]]
        let before = pod(
            "restart", [annotation: ports],
            containers: [["name": "app"], ["name": .string(proxy), "livenessProbe": probe]])
        #expect(try actions(before) == [.restartByProbe(containers: ["app"], windowSeconds: 35)])
        #expect(try inject(before).list("spec", "containers")[1]["livenessProbe"] == probe)
    }

    @Test(
        "a mesh's proxy gets the files, and what comes with them, only where it is named",
        arguments: ["SIGHUP", "restart"])
    func proxies(_ onChange: String) throws {
        let proxy: JSONValue = ["name": "istio-proxy", "securityContext": ["runAsUser": 1337]]
        let containers: JSONValue = [Self.ownProbe, proxy]
        let unnamed = pod(onChange, containers: containers, spec: Self.sharing)
        let expected: AgentPlan.Action =
            onChange == "restart" ? .restartBySignal(graceSeconds: 30) : .signal(try #require(Self.sighup))
        #expect(try actions(unnamed) == [expected])
        let after = try inject(unnamed)
        #expect(after.list("spec", "containers")[1] == proxy)
        #expect(after.list("spec", "initContainers")[0]["securityContext"]?["runAsUser"] == 1000)
        let named = pod(
            onChange, ["latchkey.dev/containers": "app,istio-proxy"], containers: containers, spec: Self.sharing)
        let message = try Sample.decide(named).problems().first?.message
        #expect(message?.contains("container \"istio-proxy\" runs as uid 1337") == true)
    }

    @Test("a probe that Istio rewrote is told by its note, and nothing else passes for ours")
    func rewritten() throws {
        let annotations = ["traffic.sidecar.istio.io/excludeInboundPorts": "9911"]
        let injected = try inject(pod("restart", annotations))
        func istio(_ note: String, list: String = "containers") throws -> JSONValue {
            let probe = JSONPointer(["spec", "containers", "0", "livenessProbe", "httpGet"])
            let proxy: JSONValue = [
                "name": "istio-proxy", "env": [["name": "ISTIO_KUBE_APP_PROBERS", "value": .string(note)]],
                "restartPolicy": list == "containers" ? .null : "Always",
            ]
            return try JSONPatch([
                .replace(path: probe, value: ["path": "/app-health/app/livez", "port": 15020, "scheme": "HTTP"]),
                .add(path: JSONPointer(["spec", list, list == "containers" ? "-" : "0"]), value: proxy),
            ]).applied(to: injected)
        }
        let ours =
            #"{"/app-health/app/livez":{"httpGet":{"path":"/restart/app","port":9911,"scheme":"HTTP"},"timeoutSeconds":5}}"#
        for list in ["containers", "initContainers"] {
            let later = try istio(ours, list: list)
            let review = try AdmissionReview(parsing: Sample.review(later).serialized())
            let decision = Sample.injector.decide(review, serviceAccountAnnotations: Sample.accountAnnotations)
            let after = try decision.plan().patch.applied(to: later)
            #expect(try actions(later) == [.restartByProbe(containers: ["app"], windowSeconds: 35)])
            #expect(after.list("spec", "containers")[0]["livenessProbe"]?["httpGet"]?["port"]?.int == 15020)
            #expect(try Sample.decide(after).plan().patch.isEmpty)
        }
        let others = [
            #"{"/app-health/app/livez":{"httpGet":{"path":"/healthz","port":8080}}}"#,
            #"{"/app-health/app/livez":{"httpGet":{"path":"/restart/app","port":"http"}}}"#,
            #"{"/app-health/app/readyz":{"httpGet":{"path":"/restart/app","port":9911}}}"#,
            #"{"/app-health/"#, "", "[]",
        ]
        for note in others {
            let message = try Sample.decide(istio(note)).problems().first?.message
            #expect(message?.contains("has a livenessProbe of its own") == true, "\(note)")
        }
        // Nobody can change Istio's note any more: its port is kept, and defended.
        let free = try istio(ours.replacing("9911", with: "9950"))
            .annotated(["traffic.sidecar.istio.io/excludeInboundPorts": "9950"])
        #expect(try refresh(free).port == 9950)
        #expect(
            try Sample.decide(free).plan().patch.applied(to: free).list("spec", "containers")[0]["livenessProbe"]
                == free.list("spec", "containers")[0]["livenessProbe"])
        let taken = try JSONPatch([
            .add(
                path: JSONPointer(["spec", "containers", "-"]),
                value: ["name": "late", "ports": [["containerPort": 9911]]])
        ]).applied(to: istio(ours))
        let message = try #require(try Sample.decide(taken).problems().first?.message)
        #expect(message.contains("for port 9911, which container \"late\" listens on as well"))
        // Where nothing would answer it, it is refused: Istio's agent would go on asking.
        let unwanted = try istio(ours).annotated(["latchkey.dev/on-change": "none"])
        let problems = try Sample.decide(unwanted).problems()
        #expect(problems.map(\.key) == ["spec.containers[0].livenessProbe"])
        #expect(problems[0].message.contains("Istio rewrote it from one of the agent's"))
    }

    @Test("explain tells each reaction")
    func sentences() throws {
        func text(_ pod: JSONValue) throws -> String {
            try Sample.decide(pod).plan().sentences.joined(separator: "\n")
        }
        let probe = try text(pod())
        #expect(probe.contains("after a change of latchkey.dev/secret.db: the kubelet restarts app"))
        #expect(probe.contains("begins within 60 s") && probe.contains("listens on port 9911"))
        let setup: [(String, JSONValue)] = [("initContainers", [["name": "setup"]])]
        let sighup = try text(pod("SIGHUP", spec: Self.sharing + setup))
        #expect(sighup.contains("SIGHUP to the main processes of app\n"), "\(sighup)")
        #expect(try text(pod("http://127.0.0.1:80")).contains("POST http://127.0.0.1:80 until it answers"))
        let signal = try text(pod(containers: [Self.ownProbe], spec: Self.sharing))
        #expect(signal.contains("SIGTERM to the main processes of app, and SIGKILL after 30 s"))
    }
}
