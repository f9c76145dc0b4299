import Injector
import JSON
import SecretSpec
import Testing

@Suite("Shapes of the agent")
struct AgentShapeTests {
    static let old: PodInjector = {
        var configuration = Sample.configuration
        configuration.nativeSidecars = false
        return PodInjector(configuration)
    }()

    private static let secret = ["latchkey.dev/secret.db": "akv://shop/db"]

    private func pod(_ annotations: [String: String] = [:], restartPolicy: String? = nil) -> JSONValue {
        Sample.pod(
            annotations: Self.secret.merging(annotations) { $1 }, containers: [["name": "app"], ["name": "side"]],
            spec: [("initContainers", [["name": "setup"]])]
                + (restartPolicy.map { [("restartPolicy", .string($0))] } ?? []))
    }

    private func inject(_ pod: JSONValue, _ injector: PodInjector = Sample.injector) throws -> JSONValue {
        try Sample.decide(pod, injector: injector).plan().patch.applied(to: pod)
    }

    /// `name: mode`, with `*` for a native sidecar and `+` for one with a startup probe.
    private func containers(_ pod: JSONValue, _ list: String) -> [String] {
        pod.list("spec", list).map { container in
            let mode = (container["command"]?.array?.last?.string).map { ": \($0)" } ?? ""
            let always = container["restartPolicy"]?.string == "Always" ? "*" : ""
            return (container["name"]?.string ?? "") + mode + always + (container["startupProbe"] == nil ? "" : "+")
        }
    }

    /// What a pod says, on which cluster, and which containers it gets.
    struct Case: Sendable, CustomTestStringConvertible {
        let refresh: String?
        let restartPolicy: String?
        let isOld: Bool
        let initContainers: [String]
        var last: String?
        var testDescription: String { "refresh \(refresh ?? "-"), \(restartPolicy ?? "-")\(isOld ? ", old" : "")" }
    }

    static let cases: [Case] = [
        Case(refresh: nil, restartPolicy: nil, isOld: false, initContainers: ["latchkey-agent: refresh*+"]),
        Case(refresh: "5s", restartPolicy: "Always", isOld: false, initContainers: ["latchkey-agent: refresh*+"]),
        Case(refresh: "off", restartPolicy: nil, isOld: false, initContainers: ["latchkey-agent: init"]),
        Case(refresh: nil, restartPolicy: "Never", isOld: false, initContainers: ["latchkey-agent: init"]),
        Case(refresh: nil, restartPolicy: "OnFailure", isOld: true, initContainers: ["latchkey-agent: init"]),
        Case(
            refresh: "1m", restartPolicy: "Never", isOld: false,
            initContainers: ["latchkey-agent: init", "latchkey-refresh: refresh*"]),
        Case(
            refresh: nil, restartPolicy: "", isOld: true, initContainers: ["latchkey-agent: init"],
            last: "latchkey-refresh: refresh"),
        Case(refresh: "off", restartPolicy: nil, isOld: true, initContainers: ["latchkey-agent: init"]),
    ]

    @Test("follow the cluster, the pod's restartPolicy and what it asks for", arguments: cases)
    func shape(_ example: Case) throws {
        let injector = example.isOld ? Self.old : Sample.injector
        let pod = pod(
            example.refresh.map { ["latchkey.dev/refresh": $0] } ?? [:], restartPolicy: example.restartPolicy)
        let plan = try Sample.decide(pod, injector: injector).plan()
        let after = try plan.patch.applied(to: pod)
        #expect(containers(after, "initContainers") == example.initContainers + ["setup"])
        #expect(containers(after, "containers") == ["app", "side"] + (example.last.map { [$0] } ?? []))
        let refreshes = (example.initContainers + [example.last ?? ""]).contains { $0.contains("refresh") }
        #expect((plan.agentPlan?.refresh != nil) == refreshes)
        // The application's containers have the files, the agent's do not have the application's mount.
        for container in after.list("spec", "initContainers") + after.list("spec", "containers") {
            let isAgent = container["name"]?.string?.hasPrefix("latchkey-") ?? false
            let mount = container["volumeMounts"]?.named("latchkey-secrets")
            #expect(mount?["mountPath"]?.string == (isAgent ? "/run/latchkey/secrets" : "/run/secrets/latchkey"))
        }
        #expect(try Sample.decide(after, injector: injector).plan().patch.isEmpty)
        #expect(try Sample.decide(after.withAPIServerDefaults(), injector: injector).plan().patch.isEmpty)
        // As the apiserver sends it.
        let body = Sample.review(try after.withAPIServerDefaults()).serialized()
        let again = injector.decide(
            try AdmissionReview(parsing: body), serviceAccountAnnotations: Sample.accountAnnotations)
        #expect(try again.plan().patch.isEmpty)
    }

    @Test("a pod that ends cannot be refreshed on older kubelets, and is told what to do")
    func oldJob() throws {
        let problems = try Sample.decide(
            pod(["latchkey.dev/refresh": "1m"], restartPolicy: "Never"), injector: Self.old
        ).problems()
        #expect(problems.map(\.key) == ["latchkey.dev/refresh"])
        #expect(problems[0].message.contains("never let the pod end") && problems[0].message.contains("\"off\""))
        #expect(!problems[0].message.contains("does not know"))
    }

    @Test("where the kubelets' version is not known, the sentence says so and what the operator can do")
    func unknownKubelets() throws {
        var configuration = Sample.configuration
        configuration.nativeSidecars = false
        configuration.knowsKubelets = false
        let injector = PodInjector(configuration)
        for annotations in [["latchkey.dev/refresh": "1m"], ["latchkey.dev/on-revoked": "keep"]] {
            let pod = pod(annotations, restartPolicy: "OnFailure")
            let message = try #require(try Sample.decide(pod, injector: injector).problems().first?.message)
            #expect(message.contains("Latchkey does not know the kubelets' version"), "\(message)")
            #expect(message.contains("cluster.version") && message.contains("list nodes"))
        }
    }

    @Test("the startup probe waits longer than the agent retries")
    func startupProbe() throws {
        var configuration = Sample.configuration
        for (deadline, threshold) in [(60, 75), (600, 615), (Int.max, Int(Int32.max))] {
            configuration.startDeadlineSeconds = deadline
            let agent = try inject(pod(), PodInjector(configuration)).list("spec", "initContainers")[0]
            #expect(
                agent["startupProbe"] == [
                    "exec": ["command": ["/latchkey-agent", "ready"]], "periodSeconds": 1,
                    "failureThreshold": .number(JSONNumber(threshold)), "timeoutSeconds": 5,
                ])
        }
    }

    @Test("the plan says how often, what then, and listens only where it must")
    func plan() throws {
        func refresh(
            _ annotations: [String: String], _ change: (inout InjectorConfiguration) -> Void = { _ in },
            spec: [(String, JSONValue)] = []
        ) throws -> AgentPlan.Refresh? {
            var configuration = Sample.configuration
            change(&configuration)
            let pod = Sample.pod(annotations: Self.secret.merging(annotations) { $1 }, spec: spec)
            return try Sample.decide(pod, injector: PodInjector(configuration)).plan().agentPlan?.refresh
        }
        let usual = try refresh([:])
        #expect(usual?.intervalMilliseconds == 120_000 && usual?.onRevoked == .keep && usual?.port == nil)
        #expect(usual?.reactions.isEmpty == true)
        let asked = try refresh(["latchkey.dev/refresh": "1s", "latchkey.dev/on-revoked": "fail"])
        #expect(asked?.intervalMilliseconds == 1000 && asked?.onRevoked == .fail)
        let operators = try refresh([:]) {
            $0.onRevoked = .remove; $0.refreshSeconds = 7
        }
        #expect(operators?.intervalMilliseconds == 7000 && operators?.onRevoked == .remove)
        #expect(try refresh([:]) { $0.refreshSeconds = nil } == nil)
        #expect(try refresh(["latchkey.dev/refresh": "9s"]) { $0.refreshSeconds = nil }?.intervalMilliseconds == 9000)
        #expect(try refresh([:]) { $0.refreshSeconds = .max }?.intervalMilliseconds == 604_800_000)
        let metrics = try refresh([:]) { $0.agentServesMetrics = true }
        #expect(metrics?.port == 9911 && metrics?.servesMetrics == true)
        let onHost = try refresh([:], { $0.agentServesMetrics = true }, spec: [("hostNetwork", true)])
        #expect(onHost?.port == nil && onHost?.servesMetrics == false)
        #expect(try refresh(["latchkey.dev/refresh": "off"]) { $0.agentServesMetrics = true } == nil)
    }

    @Test("a port that a container says it listens on is not taken")
    func port() throws {
        var configuration = Sample.configuration
        configuration.agentServesMetrics = true
        func port(_ ports: [Int]) throws -> UInt16? {
            let declared = ports.map { ["containerPort": .number(JSONNumber($0))] as JSONValue }
            let pod = Sample.pod(containers: [["name": "app", "ports": .array(declared)]])
            return try Sample.decide(pod, injector: PodInjector(configuration)).plan().agentPlan?.refresh?.port
        }
        #expect(try port([8080, -1]) == 9911)
        #expect(try port([9912, 9911, 9914]) == 9913)
        let probed = Sample.pod(containers: [
            [
                "name": "app", "livenessProbe": ["tcpSocket": ["port": 9911]],
                "readinessProbe": ["httpGet": ["port": 9912, "path": "/"]], "startupProbe": ["grpc": ["port": 9913]],
            ]
        ])
        let review = try AdmissionReview(parsing: Sample.review(probed).serialized())
        let decision = PodInjector(configuration).decide(
            review, serviceAccountAnnotations: Sample.accountAnnotations)
        #expect(try decision.plan().agentPlan?.refresh?.port == 9914)
        configuration.agentPort = 65535
        #expect(try port([65535]) == nil)
    }

    @Test("what needs refresh and cannot have it is denied with its remedy")
    func refreshIsOff() throws {
        func problems(_ annotations: [String: String], _ injector: PodInjector = Sample.injector, policy: String? = nil)
            throws -> [InjectionProblem]
        {
            try Sample.decide(pod(annotations, restartPolicy: policy), injector: injector).problems()
        }
        let wishes = [
            "latchkey.dev/on-change": "http://127.0.0.1:1/", "latchkey.dev/on-revoked": "keep",
            "latchkey.dev/on-change.db": "SIGHUP",
        ]
        let off = try problems(wishes.merging(["latchkey.dev/refresh": "off"]) { $1 })
        #expect(Set(off.map(\.key)) == Set(wishes.keys) && off.count == 3)
        #expect(off.allSatisfy { $0.message.contains("latchkey.dev/refresh is \"off\"") })
        let job = try problems(wishes, policy: "Never")
        #expect(job.count == 3 && job.allSatisfy { $0.message.contains("add latchkey.dev/refresh: 2m") })
        let oldJob = try problems(wishes, Self.old, policy: "Never")
        #expect(oldJob.count == 3 && oldJob.allSatisfy { $0.message.contains("remove this annotation") })
        var configuration = Sample.configuration
        configuration.refreshSeconds = nil
        let operators = try problems(wishes, PodInjector(configuration))
        #expect(operators.count == 3 && operators.allSatisfy { $0.message.contains("the operator has turned it off") })
        // Nothing is what happens anyway.
        let none = pod(["latchkey.dev/refresh": "off", "latchkey.dev/on-change": "none"])
        #expect(try Sample.decide(none).plan().agentPlan?.refresh == nil)
        let constant = Sample.pod(annotations: [
            "latchkey.dev/template.x": "y", "latchkey.dev/refresh": "1m", "latchkey.dev/on-change": "restart",
        ])
        #expect(
            try Sample.decide(constant).problems().map(\.key) == ["latchkey.dev/refresh", "latchkey.dev/on-change"])
    }

    @Test("our names at places where the pod gets nothing of ours are denied; at ours they are replaced")
    func names() throws {
        let foreign: JSONValue = ["name": "latchkey-refresh", "image": "evil", "command": ["sh"]]
        let before = pod()
        let inContainers = before.setting(["spec", "containers"], [["name": "app"], foreign])
        let inInit = before.setting(["spec", "initContainers"], [foreign])
        #expect(try Sample.decide(inContainers).problems().map(\.key) == ["spec.containers[1].name"])
        #expect(try Sample.decide(inInit).problems().map(\.key) == ["spec.initContainers[0].name"])
        #expect(try Sample.decide(inInit, injector: Self.old).problems().map(\.key) == ["spec.initContainers[0].name"])
        let mended = try inject(inContainers, Self.old)
        let honest = try inject(before.setting(["spec", "containers"], [["name": "app"]]), Self.old)
        #expect(mended.list("spec", "containers") == honest.list("spec", "containers"))
        let job = pod(["latchkey.dev/refresh": "1m"], restartPolicy: "Never")
        let mendedJob = try inject(job.setting(["spec", "initContainers"], [["name": "setup"], foreign]))
        #expect(mendedJob["spec"]?["initContainers"] == (try inject(job))["spec"]?["initContainers"])
    }

    @Test("a pod that was given another shape a moment ago gets the one of now")
    func otherShapeBefore() throws {
        let before = pod(["latchkey.dev/on-change": "restart"])
        let native = try inject(before)
        let old = try inject(before, Self.old)
        #expect(native != old)
        #expect(try inject(old) == native)
        #expect(try inject(native, Self.old) == old)
        let overTheWire = try AdmissionReview(parsing: Sample.review(old).serialized())
        let decision = Sample.injector.decide(overTheWire, serviceAccountAnnotations: Sample.accountAnnotations)
        #expect(try decision.plan().patch.applied(to: old) == native)
        let job = pod(["latchkey.dev/refresh": "1m"], restartPolicy: "Never")
        let once = pod(restartPolicy: "Never")
        let afterwards = try inject(inject(job).setting(["metadata"], once["metadata"] ?? .null))
        #expect(afterwards == (try inject(once)))
    }

    @Test("what was changed in any container of ours is mended, wherever it went")
    func forgery() throws {
        let jobPod = pod(["latchkey.dev/refresh": "1m"], restartPolicy: "OnFailure")
        for (before, injector, list) in [
            (pod(), Sample.injector, "initContainers"), (jobPod, Sample.injector, "initContainers"),
            (pod(), Self.old, "containers"), (pod(restartPolicy: "Never"), Sample.injector, "initContainers"),
        ] {
            let honest = try inject(before, injector)
            let index = try #require(
                honest.list("spec", list).lastIndex { $0["name"]?.string?.hasPrefix("latchkey-") ?? false })
            let path = JSONPointer(["spec", list, String(index)])
            var forgeries: [JSONPatch] = [
                JSONPatch([.replace(path: path.appending("command"), value: ["/latchkey-agent", "init"])]),
                JSONPatch([.replace(path: path.appending("image"), value: "evil")]),
                JSONPatch([.remove(path: path)]),
                JSONPatch([
                    .add(
                        path: path.appending("env").appending("-"),
                        value: ["name": "LATCHKEY_PLAN", "value": "{\"version\":1}"])
                ]),
                JSONPatch([.replace(path: path.appending("securityContext"), value: ["privileged": true])]),
                JSONPatch([.add(path: path.appending("args"), value: ["--more"])]),
                JSONPatch([.add(path: path.appending("restartPolicyRules"), value: [["action": "Restart"]])]),
            ]
            if honest.list("spec", list)[index]["restartPolicy"] == nil {
                // An init container would become a sidecar that nothing waits for.
                let policy: JSONValue = list == "containers" ? "Never" : "Always"
                forgeries.append(JSONPatch([.add(path: path.appending("restartPolicy"), value: policy)]))
            } else {
                forgeries.append(JSONPatch([.remove(path: path.appending("restartPolicy"))]))
            }
            if list == "initContainers" {
                let containers = honest.list("spec", list)
                forgeries.append(
                    JSONPatch([.replace(path: JSONPointer(["spec", list]), value: .array(containers.reversed()))]))
            }
            for forgery in forgeries {
                let forged = try forgery.applied(to: honest)
                #expect(try inject(forged, injector)["spec"]?[list] == honest["spec"]?[list], "\(forgery)")
                // A review on the wire is read no less closely.
                let review = try AdmissionReview(parsing: Sample.review(forged).serialized())
                let plan = try injector.decide(review, serviceAccountAnnotations: Sample.accountAnnotations).plan()
                #expect(try plan.patch.applied(to: forged)["spec"]?[list] == honest["spec"]?[list])
            }
        }
    }

    @Test("a Guaranteed pod stays Guaranteed in every shape")
    func guaranteed() throws {
        let own: JSONValue = ["limits": ["cpu": "1", "memory": "1Gi"]]
        let before = Sample.pod(containers: [["name": "app", "resources": own]])
        let job = before.annotated(["latchkey.dev/refresh": "1m"]).setting(["spec", "restartPolicy"], "Never")
        for (pod, injector, count) in [(before, Sample.injector, 1), (before, Self.old, 2), (job, Sample.injector, 2)] {
            let after = try inject(pod, injector)
            let ours = (after.list("spec", "initContainers") + after.list("spec", "containers"))
                .filter { $0["name"]?.string?.hasPrefix("latchkey-") ?? false }
            let expected: JSONValue = ["cpu": "100m", "memory": "32Mi"]
            #expect(
                ours.map { $0["resources"] }
                    == Array(repeating: ["limits": expected, "requests": expected], count: count))
        }
    }

    @Test("both containers of a pod that ends stand behind a mesh's native sidecar")
    func mesh() throws {
        let job = pod(["latchkey.dev/refresh": "1m"], restartPolicy: "Never").setting(
            ["spec", "initContainers"],
            [["name": "istio-init"], ["name": "istio-proxy", "restartPolicy": "Always"], ["name": "setup"]])
        let names = try inject(job).list("spec", "initContainers").map { $0["name"]?.string }
        #expect(names == ["istio-init", "istio-proxy", "latchkey-agent", "latchkey-refresh", "setup"])
    }

    @Test("explain tells the shape and why, how often, and what then")
    func sentences() throws {
        func text(_ pod: JSONValue, _ injector: PodInjector = Sample.injector) throws -> String {
            try Sample.decide(pod, injector: injector).plan().sentences.joined(separator: "\n")
        }
        let usual = try text(pod())
        #expect(usual.contains("one native sidecar latchkey-agent"))
        #expect(usual.contains("every 2m (the operator's default)") && usual.contains("stay as they are (keep)"))
        #expect(try text(pod(["latchkey.dev/refresh": "90s"])).contains("every 1m30s (as the pod asks)"))
        #expect(try text(pod(["latchkey.dev/refresh": "off"])).contains("not followed: latchkey.dev/refresh is off"))
        #expect(try text(pod(restartPolicy: "Never")).contains("not followed: the pod's restartPolicy is Never"))
        #expect(try text(pod(), Self.old).contains("a container latchkey-refresh refreshes"))
        let template = try text(pod(["latchkey.dev/template.t": "${db}", "latchkey.dev/template.c": "x"]))
        #expect(template.contains("/t (mode 0444) from a template with akv://shop/db"))
        #expect(template.contains("/c (mode 0444) from a text without secrets"))
    }
}
