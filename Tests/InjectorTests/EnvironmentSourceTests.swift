import Foundation
import Injector
import JSON
import SecretSpec
import TestSupport
import Testing

@Suite("ConfigMaps and Secrets that environments come from")
struct EnvironmentSourceTests {
    private static let env: [JSONValue] = [
        ["name": "A", "valueFrom": ["configMapKeyRef": ["name": "one", "key": "k"]]],
        ["name": "B", "valueFrom": ["configMapKeyRef": ["name": "one", "key": "l", "optional": true]]],
        ["name": "C", "valueFrom": ["secretKeyRef": ["name": "one", "key": "k", "optional": true]]],
        ["name": "D", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]],
    ]

    private func pod(_ annotations: [String: String], labels: [String: String] = [:]) -> JSONValue {
        Sample.pod(
            annotations: annotations,
            containers: [
                ["name": "app", "image": "i", "command": ["run"], "env": .array(Self.env)],
                [
                    "name": "second", "image": "i", "command": ["run"],
                    "envFrom": [["secretRef": ["name": "one", "optional": true]], ["configMapRef": ["name": "two"]]],
                ],
            ], labels: labels)
    }

    @Test("they are mounted into the agent alone, once each, and nothing waits for one that is not there yet")
    func volumes() throws {
        let pod = pod(["latchkey.dev/secret.x": "akv://shop/x"])
        let plan = try Sample.decide(pod).plan()
        let after = try plan.patch.applied(to: pod)
        let volumes = after.list("spec", "volumes").filter {
            $0["name"]?.string?.hasPrefix("latchkey-source-") ?? false
        }
        #expect(
            volumes == [
                ["name": "latchkey-source-0", "configMap": ["name": "one", "optional": true]],
                ["name": "latchkey-source-1", "secret": ["secretName": "one", "optional": true]],
                ["name": "latchkey-source-2", "configMap": ["name": "two", "optional": true]],
            ])
        let agent = try #require(after["spec"]?["initContainers"]?.named("latchkey-agent"))
        let mounts = agent.list("volumeMounts").filter { $0["name"]?.string?.hasPrefix("latchkey-source-") ?? false }
        #expect(
            mounts
                == (0..<3).map { number -> JSONValue in
                    [
                        "name": .string("latchkey-source-\(number)"),
                        "mountPath": .string("/run/latchkey/sources/\(number)"), "readOnly": true,
                    ]
                })
        #expect(after.list("spec", "containers").allSatisfy { !$0.text.contains("latchkey-source") })
        // Only checked: the pod asks for files.
        let environments = try #require(plan.agentPlan?.environments).containers
        #expect(environments.map(\.delivery) == [.none, .none])
        #expect(environments[0].sources.map(\.name) == ["ConfigMap one", "Secret one"])
        #expect(environments[0].sources.map(\.keys) == [["k", "l"], ["k"]])
        #expect(environments[1].sources.map(\.keys) == [nil, nil])
        #expect(environments[1].sources.map(\.directory) == ["/run/latchkey/sources/1", "/run/latchkey/sources/2"])
        #expect(after.list("spec", "containers").map { $0["command"] } == [["run"], ["run"]])
        #expect(after["spec"]?["volumes"]?.named("latchkey-environment") == nil)
        #expect(after.withoutInjection(original: pod).text == pod.text)
        #expect(try Sample.decide(after).plan().patch.isEmpty)
        #expect(plan.sentences.contains { $0.contains("a reference in ConfigMap one, Secret one stops the start") })
    }

    @Test("what they bring is resolved where the pod asks for it")
    func asked() throws {
        let wishes: [([String: String], [String: String])] = [
            (["latchkey.dev/inject": "true"], [:]), ([:], ["latchkey.dev/inject": "true"]),
            (["latchkey.dev/env-delivery": "auto"], [:]), (["latchkey.dev/env-delivery": "exec"], [:]),
        ]
        for (annotations, labels) in wishes {
            let pod = pod(annotations, labels: labels)
            let plan = try Sample.decide(pod).plan()
            let after = try plan.patch.applied(to: pod)
            #expect(plan.agentPlan?.environments?.containers.map(\.delivery) == [.exec, .exec])
            #expect(after.list("spec", "containers").allSatisfy { $0.list("command").count == 5 })
            #expect(try Sample.decide(after).plan().patch.isEmpty)
            #expect(after.withoutInjection(original: pod).text == pod.text)
            let review = try AdmissionReview(parsing: Sample.review(pod).serialized())
            let wire = Sample.injector.decide(review, serviceAccountAnnotations: Sample.accountAnnotations)
            #expect(try wire.plan().patch == plan.patch)
        }
        let kubelet = try Sample.decide(pod(["latchkey.dev/env-delivery": "kubelet"])).plan()
        #expect(kubelet.agentPlan?.environments?.containers.map(\.delivery) == [.none, .none])
        // Without a word for it a pod of theirs alone is none of ours.
        #expect(Sample.decide(pod([:])).skipReason == .notSelected)
    }

    @Test("where the command is not known they are checked, unless exec is asked for")
    func unknownCommand() throws {
        let containers: JSONValue = [["name": "app", "image": "i", "envFrom": [["configMapRef": ["name": "one"]]]]]
        func decide(_ annotations: [String: String], _ answer: Result<ImageCommand, ImageCommandFailure>? = nil)
            -> InjectionDecision
        {
            let pod = Sample.pod(annotations: annotations, containers: containers)
            return Sample.decide(pod, commands: answer.map { ["i": $0] } ?? [:])
        }
        let inject = ["latchkey.dev/inject": "true"]
        #expect(try decide(inject).plan().agentPlan?.environments?.containers.map(\.delivery) == [.none])
        let command = ImageCommand(entrypoint: ["/e"], cmd: [])
        #expect(
            try decide(inject, .success(command)).plan().agentPlan?.environments?.containers.map(\.delivery) == [.exec])
        let exec = ["latchkey.dev/env-delivery": "exec"]
        #expect(try decide(exec).problems().map(\.key) == ["spec.containers[0].command"])
        let pod = Sample.pod(annotations: ["latchkey.dev/secret.x": "akv://shop/x"], containers: containers)
        #expect(Sample.injector.examine(pod: pod, namespace: "x").images.isEmpty)
    }

    @Test("the identity is there for them where it is known, and nobody is denied where it isn't")
    func identity() throws {
        let pod = pod(["latchkey.dev/inject": "true"])
        #expect(Sample.injector.examine(pod: pod, namespace: "shop").serviceAccount != nil)
        #expect(try Sample.decide(pod).plan().agentPlan?.azure?.identity.clientID == Sample.client)
        #expect(try Sample.decide(pod, account: [:]).plan().agentPlan?.azure == nil)
        let malformed = ["azure.workload.identity/client-id": "x"]
        #expect(try Sample.decide(pod, account: malformed).plan().agentPlan?.azure == nil)
        let checked = self.pod(["latchkey.dev/template.t": "x"])
        #expect(Sample.injector.examine(pod: checked, namespace: "shop").serviceAccount == nil)
        let vault = self.pod(["latchkey.dev/inject": "true", "latchkey.dev/azure-client-id.hidden": Sample.client])
        #expect(try Sample.decide(vault).plan().agentPlan?.azure?.vaultIdentities.keys.sorted() == ["hidden"])
        // One that can be seen needs it.
        let visible = self.pod(["latchkey.dev/env.A2": "akv://shop/x"])
        #expect(try Sample.decide(visible, account: [:]).problems().map(\.kind) == [.identity, .identity])
    }

    @Test(
        "no captured pod is wrapped for what its ConfigMaps and Secrets may hold, and the agent looks at each",
        .enabled(if: Fixtures.arePresent, "the shared fixtures are missing; set LATCHKEY_FIXTURES"),
        arguments: Fixtures.jsonFiles(in: "admission"))
    func captured(_ url: URL) throws {
        let document = try Fixtures.json(url)
        guard let object = document["request"]?["object"], object.object != nil else { return }
        for (key, value) in [("secret.x", "akv://shop/x"), ("inject", "true"), ("env.LATCHKEY_TEST", "akv://shop/x")] {
            let before = object.annotated(["latchkey.dev/\(key)": value])
            let review = try AdmissionReview(document.setting(["request", "object"], before))
            let commands = Dictionary(
                Sample.injector.examine(review).images.map {
                    ($0.image, Result<ImageCommand, ImageCommandFailure>.success(.init(entrypoint: ["/e"], cmd: ["c"])))
                }, uniquingKeysWith: { $1 })
            let decision = Sample.injector.decide(
                Sample.injector.examine(review), serviceAccountAnnotations: Sample.accountAnnotations,
                commands: commands)
            guard case .inject(let plan) = decision else { continue }
            let after = try plan.patch.applied(to: before)
            #expect(after.withoutInjection(original: before).text == before.text)
            let wire = try AdmissionReview(
                parsing: document.setting(["request", "object"], after.withAPIServerDefaults()).serialized())
            let again = Sample.injector.decide(wire, serviceAccountAnnotations: Sample.accountAnnotations)
            #expect(try again.plan().patch.isEmpty)
            let containers = before.list("spec", "initContainers") + before.list("spec", "containers")
            let using = containers.filter { container in
                container.list("envFrom").contains { $0["configMapRef"] != nil || $0["secretRef"] != nil }
                    || container.list("env").contains {
                        $0["valueFrom"]?["configMapKeyRef"] != nil || $0["valueFrom"]?["secretKeyRef"] != nil
                    }
            }
            let environments = plan.agentPlan?.environments?.containers ?? []
            let looked = environments.filter { !$0.sources.isEmpty }.map(\.container)
            #expect(looked == using.compactMap { $0["name"]?.string })
            if key == "secret.x" { #expect(environments.allSatisfy { $0.delivery == .none }) }
            if key != "secret.x", !looked.isEmpty { #expect(environments.contains { $0.delivery == .exec }) }
        }
    }
}
