import Injector
import JSON
import Testing
import Webhook
import YAML

@testable import LatchkeyCommand

@Suite struct InjectionTests {
    private static let client = "11111111-aaaa-4bbb-8ccc-222222222222"
    private static let tenant = "33333333-aaaa-4bbb-8ccc-444444444444"

    private func injection(
        _ text: String, accounts: String = "", namespace: String = "default"
    ) throws -> ManifestInjection {
        ManifestInjection(
            manifest: try Manifest(parsing: Array(text.utf8)),
            furtherAccounts: ManifestObject.all(in: try YAMLDocuments.parse(Array(accounts.utf8))),
            configuration: InjectorConfiguration(agentImage: "agent:1"), defaultNamespace: namespace)
    }

    private func account(_ name: String, namespace: String? = nil) -> String {
        """
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: \(name)
          \(namespace.map { "namespace: \($0)" } ?? "labels: {}")
          annotations:
            azure.workload.identity/client-id: \(Self.client)
            azure.workload.identity/tenant-id: \(Self.tenant)

        """
    }

    private static let deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api, annotations: {latchkey.dev/secret.lost: "akv://shop/lost"}}
        spec:
          replicas: 010
          invented: {big: 12345678901234567890123, exact: 1.50}
          template:
            metadata:
              annotations:
                latchkey.dev/secret.db: akv://shop/db-password
            spec:
              serviceAccountName: api
              containers:
              - name: api
                image: api:1
                args: ["-c", "on"]

        """

    @Test("a ServiceAccount of the same input gives the identity, whatever the order of the documents")
    func identity() throws {
        for text in [
            Self.deployment + "---\n" + account("api"),
            account("api", namespace: "default") + "---\n" + Self.deployment,
        ] {
            let injection = try injection(text)
            #expect(injection.problems.isEmpty)
            let documents = try injection.rewritten()
            let deployment = try #require(documents.first { $0["kind"] == "Deployment" })
            let spec = try #require(deployment["spec"]?["template"]?["spec"])
            let plan = spec["initContainers"]?.array?.first?["env"]?.array?.first?["value"]?.string ?? ""
            #expect(plan.contains(Self.client) && plan.contains(Self.tenant))
            #expect(spec["volumes"]?.array?.isEmpty == false)
            #expect(spec["containers"]?.array?.first?["volumeMounts"]?.array?.count == 1)
            #expect(documents.first { $0["kind"] == "ServiceAccount" } != nil)
        }
    }

    @Test("only the pod template changes; unknown fields, order and the text of numbers survive")
    func nothingElse() throws {
        let text = Self.deployment + "---\n" + account("api")
        let injection = try injection(text)
        let before = try YAMLDocuments.parse(Array(text.utf8))
        let after = try injection.rewritten()
        let outcome = try #require(injection.outcomes.first)
        #expect(outcome.patch != nil)
        // Without what the patch has added it is the manifest again.
        var spec = try #require(after[0]["spec"]?["template"]?["spec"]?.object)
        spec["volumes"] = nil
        spec["initContainers"] = nil
        var container = try #require(spec["containers"]?.array?.first?.object)
        container["volumeMounts"] = nil
        spec["containers"] = [.object(container)]
        let restored = JSONPatch([.replace(path: outcome.workload.template.appending("spec"), value: .object(spec))])
        #expect(try restored.applied(to: after[0]).text == before[0].text)
        #expect(after[0]["spec"]?["invented"]?.text == #"{"big":12345678901234567890123,"exact":1.50}"#)
        #expect(after[0].object?.members.map(\.name) == before[0].object?.members.map(\.name))
        #expect(after[1].text == before[1].text)
    }

    @Test("injecting what was injected changes nothing, through YAML and through JSON")
    func idempotence() throws {
        let first = try injection(Self.deployment + "---\n" + account("api"))
        for format in ManifestFormat.allCases {
            let printed = Manifest(documents: try first.rewritten(), format: format).printed(as: format)
            let second = try injection(String(decoding: printed, as: UTF8.self))
            #expect(second.outcomes.count == 1 && second.outcomes.allSatisfy { $0.patch == nil })
            #expect(try Manifest(documents: second.rewritten(), format: format).printed(as: format) == printed)
        }
    }

    @Test("the namespace decides which ServiceAccount is meant")
    func namespaces() throws {
        #expect(
            try injection(Self.deployment, accounts: account("api", namespace: "shop"), namespace: "shop").problems
                .isEmpty)
        let other = try injection(Self.deployment, accounts: account("api", namespace: "shop"), namespace: "prod")
        #expect(other.problems.contains { $0.contains("ServiceAccount prod/api is not in the input") })
        #expect(other.problems.allSatisfy { $0.hasPrefix("document 1, Deployment api: ") })
    }

    @Test("every workload's problems are named at once")
    func problems() throws {
        let text = """
            {apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {latchkey.dev/secret.x: nonsense, latchkey.dev/wrong: x}}, spec: {containers: [{name: c, image: i}]}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: fine}}
            ---
            {apiVersion: batch/v1, kind: CronJob, metadata: {name: b}, spec: {jobTemplate: {spec: {template: {metadata: {annotations: {latchkey.dev/mode.x: "9"}}, spec: {containers: []}}}}}}
            """
        let problems = try injection(text).problems
        #expect(problems.filter { $0.hasPrefix("document 1, Pod a: latchkey.dev/") }.count == 2)
        #expect(problems.contains { $0.hasPrefix("document 3, CronJob b: latchkey.dev/mode.x") })
    }

    @Test("annotations of the Deployment itself are pointed out")
    func misplaced() throws {
        let injection = try injection(Self.deployment + "---\n" + account("api"))
        #expect(
            injection.warnings == [
                "document 1, Deployment api: warning: latchkey.dev/secret.lost: an annotation of the Deployment itself "
                    + "does nothing; it belongs to the pods, in spec.template.metadata.annotations"
            ])
    }

    @Test("the printed patch applies to its document")
    func patches() throws {
        let list = Manifest(
            documents: [
                [
                    "apiVersion": "v1", "kind": "List",
                    "items": .array(try YAMLDocuments.parse(Array((account("api") + "---\n" + Self.deployment).utf8))),
                ]
            ], format: .json)
        let injection = ManifestInjection(
            manifest: list, furtherAccounts: [], configuration: InjectorConfiguration(agentImage: "agent:1"),
            defaultNamespace: "default")
        let entries = try #require(injection.patches(defaultNamespace: "default").array)
        try #require(entries.count == 1)
        #expect(entries[0]["kind"] == "Deployment" && entries[0]["namespace"] == "default")
        let patch = try JSONPatch(try #require(entries[0]["patch"]))
        #expect(try patch.applied(to: list.documents[0]) == injection.rewritten()[0])
    }

    @Test("explain says what happens, who logs in and what is wrong")
    func explanation() throws {
        let good = Explanation(try injection(Self.deployment + "---\n" + account("api")), .auto).text
        #expect(good.contains("document 1, Deployment api\n  Rewritten:"))
        #expect(good.contains("/run/secrets/latchkey/db") && good.contains("akv://shop/db-password"))
        #expect(good.contains(Self.client) && good.contains("ServiceAccount default/api, which is in the input"))
        #expect(good.contains("native sidecar latchkey-agent: image agent:1, command /latchkey-agent refresh"))
        #expect(good.contains("mount of latchkey-secrets at /run/secrets/latchkey, read-only, in container api"))
        let bad = Explanation(try injection(Self.deployment), .auto).text
        #expect(bad.contains("Refused, because:") && bad.contains("--service-account-file"))
        #expect(Explanation(try injection("kind: ConfigMap"), .auto).text == "Nothing in the input makes pods.\n")
        let plain = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: []}}"
        #expect(Explanation(try injection(plain), .auto).text.contains("Left alone: the pod carries no latchkey.dev/"))
    }
}
