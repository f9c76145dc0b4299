import Injector
import JSON
import SecretSpec
import Testing

@Suite("Shapes of pods")
struct PodShapeTests {
    private func inject(_ pod: JSONValue, _ injector: PodInjector = Sample.injector) throws
        -> JSONValue
    {
        try Sample.decide(pod, injector: injector).plan().patch.applied(to: pod)
    }

    private func agent(_ pod: JSONValue) throws -> JSONValue {
        try #require(pod["spec"]?["initContainers"]?.named("latchkey-agent"))
    }

    // MARK: QoS

    private func resources(_ requests: [String: String]?, _ limits: [String: String]?) -> JSONValue {
        var object = JSONObject()
        if let requests { object.append("requests", Sample.map(requests)) }
        if let limits { object.append("limits", Sample.map(limits)) }
        return .object(object)
    }

    @Test("the QoS class stays what it was")
    func qualityOfService() throws {
        let guaranteed = resources(
            ["cpu": "1", "memory": "1Gi"], ["cpu": "1000m", "memory": "1024Mi"])
        let limitsOnly = resources(nil, ["cpu": "1", "memory": "1Gi"])
        let burstable = resources(["cpu": "1"], nil)
        let expected: JSONValue = ["cpu": "100m", "memory": "32Mi"]
        for own in [guaranteed, limitsOnly] {
            let after = try inject(Sample.pod(containers: [["name": "app", "resources": own]]))
            #expect(try agent(after)["resources"] == ["limits": expected, "requests": expected])
        }
        for own in [burstable] {
            let after = try inject(Sample.pod(containers: [["name": "app", "resources": own]]))
            #expect(
                try agent(after)["resources"]
                    == ["limits": ["memory": "32Mi"], "requests": ["cpu": "10m", "memory": "32Mi"]])
        }
        for own: JSONValue in [
            [:], ["requests": ["cpu": "0"]], ["requests": ["ephemeral-storage": "1Gi"]],
        ] {
            let after = try inject(Sample.pod(containers: [["name": "app", "resources": own]]))
            #expect(try agent(after)["resources"] == nil)
        }
        // A namespace may demand a CPU limit of every container; where all others have one, so has the agent.
        let limited = resources(["cpu": "1"], ["cpu": "2", "memory": "1Gi"])
        let after = try inject(Sample.pod(containers: [["name": "app", "resources": limited]]))
        #expect(
            try agent(after)["resources"]
                == [
                    "limits": ["cpu": "100m", "memory": "32Mi"], "requests": ["cpu": "10m", "memory": "32Mi"],
                ])
        let mixed = Sample.pod(containers: [["name": "app", "resources": guaranteed], ["name": "b"]])
        #expect(try agent(inject(mixed))["resources"]?["limits"] == ["memory": "32Mi"])
        let podLevel = Sample.pod(
            containers: [["name": "app", "resources": burstable]], spec: [("resources", guaranteed)])
        #expect(try agent(inject(podLevel))["resources"] == nil)
    }

    // MARK: Lists

    @Test(
        "lists that are absent, null, empty or filled",
        arguments: [nil, JSONValue.null, [], [["name": "x", "emptyDir": [:]]]] as [JSONValue?])
    func lists(_ volumes: JSONValue?) throws {
        var spec: [(String, JSONValue)] = [("initContainers", volumes == nil ? .null : [])]
        if let volumes { spec.append(("volumes", volumes)) }
        let after = try inject(Sample.pod(spec: spec))
        #expect(after.list("spec", "volumes").count == 3 + (volumes?.array?.count ?? 0))
        #expect(after.list("spec", "initContainers").count == 1)
        #expect(try Sample.decide(after).plan().patch.isEmpty)
    }

    @Test("the agent comes first, but behind a mesh's native sidecar")
    func position() throws {
        let proxy: JSONValue = ["name": "istio-proxy", "restartPolicy": "Always"]
        let setup: JSONValue = ["name": "setup"]
        func order(_ initContainers: JSONValue) throws -> [String?] {
            try inject(Sample.pod(spec: [("initContainers", initContainers)])).list(
                "spec", "initContainers"
            )
            .map { $0["name"]?.string }
        }
        #expect(try order([setup]) == ["latchkey-agent", "setup"])
        #expect(try order([proxy, setup]) == ["istio-proxy", "latchkey-agent", "setup"])
        // As Istio orders them, with iptables and with its CNI plugin.
        for first in ["istio-init", "istio-validation"] {
            let expected = [first, "istio-proxy", "latchkey-agent", "setup"]
            #expect(try order([["name": .string(first)], proxy, setup]) == expected)
        }
        #expect(try order([["name": "istio-init"], setup]) == ["latchkey-agent", "istio-init", "setup"])
        #expect(try order([setup, proxy]) == ["latchkey-agent", "setup", "istio-proxy"])
        #expect(try order([["name": "istio-proxy"]]) == ["latchkey-agent", "istio-proxy"])
    }

    @Test("the result does not depend on the order of two injectors")
    func otherInjector() throws {
        let proxy: JSONValue = ["name": "istio-proxy", "restartPolicy": "Always", "image": "proxy"]
        let sidecar: JSONValue = ["name": "sidecar", "image": "sidecar"]
        func mesh(_ pod: JSONValue) throws -> JSONValue {
            let path = JSONPointer(["spec", "initContainers"])
            let list: JSONPatch.Operation =
                pod.list("spec", "initContainers").isEmpty
                ? .add(path: path, value: [proxy]) : .add(path: path.appending(0), value: proxy)
            return try JSONPatch([
                list, .add(path: JSONPointer(["spec", "containers", "-"]), value: sidecar),
            ])
            .applied(to: pod)
        }
        let meshFirst = try inject(mesh(Sample.pod()))
        let meshSecond = try inject(mesh(inject(Sample.pod())))
        #expect(meshFirst["spec"]?["initContainers"] == meshSecond["spec"]?["initContainers"])
        #expect(meshFirst["spec"]?["containers"] == meshSecond["spec"]?["containers"])
        #expect(try Sample.decide(meshSecond).plan().patch.isEmpty)
    }

    // MARK: Forgery and conflicts

    @Test("a marker is not believed: what bears our name but not our shape is replaced")
    func forgery() throws {
        let honest = try inject(Sample.pod())
        let path = JSONPointer(["spec", "initContainers", "0"])
        let forgeries: [JSONPatch.Operation] = [
            .replace(path: path.appending("image"), value: "evil"),
            .replace(path: path.appending("command"), value: ["/bin/sh"]),
            .replace(path: path.appending("securityContext").appending("runAsUser"), value: 0),
            .remove(path: path.appending("securityContext").appending("seccompProfile")),
            .replace(path: path.appending("env").appending(0).appending("value"), value: "{}"),
            .add(
                path: path.appending("env").appending("-"), value: ["name": "LATCHKEY_PLAN", "value": "{}"]),
            .remove(path: path.appending("volumeMounts").appending(2)),
            .replace(
                path: JSONPointer(["spec", "volumes", "0"]),
                value: ["name": "latchkey-secrets", "emptyDir": [:]]),
            .remove(path: JSONPointer(["spec", "volumes", "1"])),
            .remove(path: JSONPointer(["spec", "containers", "0", "volumeMounts"])),
            .remove(path: path),
        ]
        for forgery in forgeries {
            let forged = try JSONPatch([forgery]).applied(to: honest)
            let mended = try inject(forged)
            #expect(mended == honest || mended.withoutInjection(original: Sample.pod()) == Sample.pod())
            #expect(try agent(mended) == agent(honest))
            #expect(try Sample.decide(mended).plan().patch.isEmpty)
        }
    }

    @Test(
        "what stands in the way is named",
        arguments: [
            ("/run/secrets/latchkey", "x", false, "is already the place"),
            ("/run/secrets/latchkey/", "x", false, "is already the place"),
            ("/run/secrets/latchkey/inner", "x", false, "holds the mount"),
            ("/run/secrets", "x", true, "read-only mount"),
            ("/var/run/secrets/latchkey", "x", false, "is already the place"),
            ("//run/./secrets/latchkey", "x", false, "is already the place"),
            ("/var/run", "x", true, "read-only mount"),
            ("/opt", "latchkey-tokens", true, "the agent's alone"),
            ("/opt", "latchkey-secrets", false, "readOnly: true"),
        ])
    func conflicts(_ path: String, _ volume: String, _ readOnly: Bool, _ says: String) throws {
        let mount: JSONValue = [
            "name": .string(volume), "mountPath": .string(path), "readOnly": .bool(readOnly),
        ]
        let pod = Sample.pod(containers: [["name": "app", "volumeMounts": [mount]]])
        let problems = try Sample.decide(pod).problems()
        #expect(problems.map(\.kind) == [.conflict])
        #expect(problems.first?.message.contains(says) ?? false, "\(problems)")
    }

    @Test("mounts beside or above ours are no conflict")
    func noConflicts() throws {
        let mounts: JSONValue = [
            ["name": "a", "mountPath": "/run/secrets"],
            ["name": "b", "mountPath": "/run/secrets/latchkey2"],
            [
                "name": "c", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": true,
            ],
        ]
        let pod = Sample.pod(containers: [["name": "app", "volumeMounts": mounts]])
        #expect(try inject(pod).list("spec", "containers")[0].list("volumeMounts").count == 4)
    }

    @Test("the API token's mount inside ours is a conflict: /var/run is /run")
    func apiTokenInside() throws {
        let mount: JSONValue = [
            "name": "kube-api-access-x", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": true,
        ]
        let annotations = [
            "latchkey.dev/secret.db": "akv://shop/db", "latchkey.dev/mount-path": "/run/secrets",
        ]
        let pod = Sample.pod(annotations: annotations, containers: [["name": "app", "volumeMounts": [mount]]])
        #expect(try Sample.decide(pod).problems().map(\.key) == ["latchkey.dev/mount-path"])
    }

    @Test("a container may not have the agent's name; only our place is ours")
    func agentsName() throws {
        let problems = try Sample.decide(Sample.pod(containers: [["name": "latchkey-agent"]])).problems()
        #expect(problems.map(\.key) == ["spec.containers[0].name"])
    }

    @Test("a pod without a spec is denied with a sentence")
    func noSpec() throws {
        let pod: JSONValue = ["metadata": ["annotations": ["latchkey.dev/secret.db": "akv://shop/db"]]]
        #expect(try Sample.decide(pod).problems().map(\.message) == ["the pod has no spec"])
    }

    @Test("a subPath mount is warned of: it changes with a restart alone")
    func subPathWarning() throws {
        let mount: JSONValue = [
            "name": "latchkey-secrets", "mountPath": "/etc/db", "subPath": "db", "readOnly": true,
        ]
        let plan = try Sample.decide(
            Sample.pod(containers: [["name": "app", "volumeMounts": [mount]]])
        ).plan()
        #expect(plan.warnings.count == 1 && plan.warnings[0].contains("subPath"))
        #expect(plan.warnings[0].contains("only when the container is started again"))
    }

    // MARK: Identity

    @Test("the identity comes from the pod, then the ServiceAccount, then the operator")
    func identity() throws {
        let other = "99999999-8888-7777-6666-555555555555"
        func identity(
            _ annotations: [String: String], _ account: [String: String]?, operatorTenant: String? = nil
        ) throws
            -> AgentPlan.Azure.Identity?
        {
            var configuration = Sample.configuration
            configuration.azure.tenantID = operatorTenant
            let pod = Sample.pod(
                annotations: ["latchkey.dev/secret.db": "akv://shop/db"].merging(annotations) { $1 })
            return try Sample.decide(pod, injector: PodInjector(configuration), account: account).plan().agentPlan?
                .azure?
                .identity
        }
        #expect(try identity([:], Sample.accountAnnotations)?.clientID == Sample.client)
        #expect(
            try identity(["latchkey.dev/azure-client-id": other], Sample.accountAnnotations)
                == .init(tenantID: Sample.tenant, clientID: other))
        #expect(
            try identity([:], ["azure.workload.identity/client-id": other], operatorTenant: Sample.tenant)
                == .init(tenantID: Sample.tenant, clientID: other))
        #expect(throws: UnexpectedDecision.self) { try identity([:], [:]) }
        let problems = try Sample.decide(Sample.pod(), account: [:]).problems()
        #expect(
            problems.map(\.key) == ["latchkey.dev/azure-client-id", "latchkey.dev/azure-tenant-id"])
        #expect(problems[0].message.contains("ServiceAccount shop/default"))
        let bad = try Sample.decide(
            Sample.pod(),
            account: Sample.accountAnnotations.merging(["azure.workload.identity/client-id": "x"]) { $1 }
        ).problems()
        #expect(
            bad.contains { $0.key == "ServiceAccount shop/default, azure.workload.identity/client-id" })
    }

    @Test("one vault may have an identity of its own")
    func identityByVault() throws {
        let other = "99999999-8888-7777-6666-555555555555"
        let pod = Sample.pod(annotations: [
            "latchkey.dev/secret.a": "akv://shop/db", "latchkey.dev/secret.b": "akv://Bank/db",
            "latchkey.dev/azure-client-id.bank": other,
        ])
        let azure = try #require(try Sample.decide(pod).plan().agentPlan?.azure)
        #expect(azure.identity.clientID == Sample.client)
        #expect(azure.vaultIdentities == ["bank": .init(tenantID: Sample.tenant, clientID: other)])
    }

    @Test("the ServiceAccount is asked for only where the decision needs it")
    func serviceAccountNeed() throws {
        func need(_ annotations: [String: String], _ spec: [(String, JSONValue)] = []) throws
            -> ServiceAccountName?
        {
            let review = try AdmissionReview(
                Sample.review(Sample.pod(annotations: annotations, spec: spec)))
            return Sample.injector.examine(review).serviceAccount
        }
        let secret = ["latchkey.dev/secret.db": "akv://shop/db"]
        let whole = [
            "latchkey.dev/azure-client-id": Sample.client, "latchkey.dev/azure-tenant-id": Sample.tenant,
        ]
        #expect(try need(secret) == ServiceAccountName(namespace: "shop", name: "default"))
        #expect(
            try need(secret, [("serviceAccountName", "web")])
                == ServiceAccountName(namespace: "shop", name: "web"))
        #expect(
            try need(secret, [("serviceAccount", "old")]) == ServiceAccountName(namespace: "shop", name: "old"))
        #expect(try need(secret.merging(whole) { $1 }) == nil)
        #expect(try need(["latchkey.dev/secret.db": "nonsense"]) == nil)
        #expect(try need(["other": "x"]) == nil)
        #expect(try need(secret.merging(["latchkey.dev/inject": "false"]) { $1 }) == nil)
    }

    // MARK: Other kinds of pods

    @Test("Windows pods are denied with a sentence, however they say so")
    func windows() throws {
        let ways: [(String, JSONValue)] = [
            ("os", ["name": "windows"]), ("nodeSelector", ["kubernetes.io/os": "windows"]),
            ("securityContext", ["windowsOptions": ["runAsUserName": "ContainerUser"]]),
        ]
        for way in ways {
            let problems = try Sample.decide(Sample.pod(spec: [way])).problems()
            #expect(problems.map(\.kind) == [.unsupported])
            #expect(problems.first?.message.contains("Windows") ?? false)
            #expect(Sample.decide(Sample.pod(annotations: [:], spec: [way])).skipReason == .notSelected)
        }
    }

    @Test("nonsense in any field of a pod is a decision, never a trap")
    func wrongKinds() {
        let nonsense: [JSONValue] = [
            .null, true, -1, "x", [], [1, .null], [:], ["name": 1], [["name": [:]]],
        ]
        let fields = [
            ["spec"], ["metadata"], ["metadata", "annotations"], ["metadata", "labels"],
            ["spec", "containers"],
            ["spec", "initContainers"], ["spec", "volumes"], ["spec", "securityContext"],
            ["spec", "nodeSelector"],
            ["spec", "os"], ["spec", "serviceAccountName"], ["spec", "resources"],
        ]
        for field in fields {
            for value in nonsense {
                let pod = Sample.pod().setting(field, value)
                let decision = Sample.decide(pod)
                if case .inject(let plan) = decision, field != ["spec"] {
                    #expect(plan.agentPlan?.files.isEmpty == false)
                }
            }
        }
    }

    @Test("a hand-made plan that is too long for a variable is denied")
    func tooLong() throws {
        let annotations = Dictionary(
            uniqueKeysWithValues: (0..<2000).map {
                ("latchkey.dev/secret.s\($0)", "akv://shop/secret-number-\($0)")
            })
        let problems = try Sample.decide(Sample.pod(annotations: annotations)).problems()
        #expect(problems.count == 1 && problems[0].message.contains("bytes long"))
    }
}
