import JSON
import Testing
import YAML

@testable import LatchkeyCommand

@Suite struct ManifestTests {
    private func workloads(_ text: String) throws -> [Workload] {
        let manifest = try Manifest(parsing: Array(text.utf8))
        return ManifestObject.all(in: manifest.documents).compactMap(\.workload)
    }

    @Test(
        "every kind that makes pods has its template found",
        arguments: [
            ("v1", "Pod", "", "/"), ("v1", "ReplicationController", "/spec/template", "/"),
            ("apps/v1", "Deployment", "/spec/template", "/"), ("apps/v1", "StatefulSet", "/spec/template", "/"),
            ("apps/v1", "DaemonSet", "/spec/template", "/"), ("apps/v1", "ReplicaSet", "/spec/template", "/"),
            ("extensions/v1beta1", "Deployment", "/spec/template", "/"), ("batch/v1", "Job", "/spec/template", "/"),
            ("batch/v1", "CronJob", "/spec/jobTemplate/spec/template", "/"), ("v1", "PodTemplate", "/template", "/"),
        ])
    func kinds(apiVersion: String, kind: String, template: String, _: String) throws {
        let pointer = try #require(JSONPointer(parsing: template))
        var object: JSONValue = ["metadata": ["labels": ["a": "b"]], "spec": ["containers": []]]
        for token in pointer.tokens.reversed() { object = .object(JSONObject([.init(name: token, value: object)])) }
        var root = try #require(object.object)
        root["apiVersion"] = .string(apiVersion)
        root["kind"] = .string(kind)
        if root["metadata"] == nil { root["metadata"] = ["name": "x", "namespace": "shop"] }
        let found = ManifestObject.all(in: [.object(root)]).compactMap(\.workload)
        #expect(found.map(\.template) == [pointer])
        #expect(found.first?.kind == kind)
        #expect(found.first?.pod["metadata"]?["labels"] == ["a": "b"])
    }

    @Test("kinds of other API groups are not Kubernetes' own")
    func otherGroups() throws {
        #expect(try workloads("{apiVersion: example.com/v1, kind: Deployment, spec: {template: {spec: {}}}}").isEmpty)
        #expect(try workloads("{apiVersion: v1, kind: Deployment, spec: {template: {spec: {}}}}").isEmpty)
        #expect(try workloads("{apiVersion: apps/v1, kind: Deployment, spec: {}}").isEmpty)
        #expect(try workloads("- 1\n- {kind: Pod}\n---\n~\n---\ntext").isEmpty)
    }

    @Test("Lists are opened, typed ones and lists in lists too")
    func lists() throws {
        let text = """
            {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
            ---
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}, spec: {serviceAccount: old}}
            - apiVersion: v1
              kind: List
              items: [{apiVersion: apps/v1, kind: Deployment, metadata: {name: b}, spec: {template: {spec: {}}}}]
            ---
            apiVersion: v1
            kind: PodList
            items: [{metadata: {generateName: g-}, spec: {serviceAccountName: api}}]
            """
        let found = try workloads(text)
        #expect(found.map(\.title) == ["document 2, Pod shop/a", "document 2, Deployment b", "document 3, Pod g-*"])
        #expect(
            found.map(\.template.description) == ["/items/0", "/items/1/items/0/spec/template", "/items/0"])
    }

    @Test("a patch for the template changes that template alone")
    func patchBelow() throws {
        let deployment: JSONValue = [
            "kind": "Deployment", "spec": ["template": ["spec": ["volumes": [["name": "a"]]]], "invented": 1],
        ]
        let patch = JSONPatch([
            .test(path: JSONPointer(["spec", "volumes", "0", "name"]), value: "a"),
            .add(path: JSONPointer(["spec", "volumes", "-"]), value: ["name": "b"]),
            .copy(from: JSONPointer(["spec", "volumes", "0"]), path: JSONPointer(["spec", "x"])),
            .move(from: JSONPointer(["spec", "x"]), path: JSONPointer(["spec", "y~/z"])),
            .replace(path: JSONPointer(["spec", "y~/z"]), value: 1),
            .remove(path: JSONPointer(["spec", "y~/z"])),
        ])
        let result = try patch.below(JSONPointer(["spec", "template"])).applied(to: deployment)
        #expect(
            result == [
                "kind": "Deployment",
                "spec": ["template": ["spec": ["volumes": [["name": "a"], ["name": "b"]]]], "invented": 1],
            ])
    }

    @Test("the output is written as the input was, several JSON documents as one List")
    func formats() throws {
        let json = try Manifest(parsing: Array("{\"b\": 1.0, \"a\": [], \"c\": [{\"d\": {}}]}".utf8))
        #expect(json.format == .json)
        #expect(
            String(decoding: json.printed(as: json.format), as: UTF8.self) == """
                {
                    "b": 1.0,
                    "a": [],
                    "c": [
                        {
                            "d": {}
                        }
                    ]
                }

                """)
        let yaml = try Manifest(parsing: Array("b: 1\n---\n# nothing\n---\na: 0x10\n".utf8))
        #expect(yaml.format == .yaml)
        #expect(String(decoding: yaml.printed(as: .yaml), as: UTF8.self) == "b: 1\n---\na: 16\n")
        #expect(try JSONValue(parsing: yaml.printed(as: .json))["items"]?.array?.count == 2)
        #expect(try Manifest(parsing: []).printed(as: .json).isEmpty)
    }
}
