import Foundation
import Injector
import JSON
import SecretSpec
import TestSupport

/// Small builders that the tests share.
enum Sample {
    static let client = "11111111-2222-3333-4444-555555555555"
    static let tenant = "66666666-7777-8888-9999-000000000000"

    static let accountAnnotations = [
        "azure.workload.identity/client-id": client, "azure.workload.identity/tenant-id": tenant,
    ]

    static var configuration: InjectorConfiguration {
        InjectorConfiguration(agentImage: "registry.example/latchkey/agent:1.0")
    }

    static let injector = PodInjector(configuration)

    /// A pod of these containers.
    static func pod(
        annotations: [String: String] = ["latchkey.dev/secret.db": "akv://shop/db-password"],
        containers: JSONValue = [["name": "app", "image": "app:1"]],
        spec extra: [(String, JSONValue)] = [],
        labels: [String: String] = [:]
    ) -> JSONValue {
        var spec = JSONObject()
        spec.append("containers", containers)
        for (name, value) in extra { spec[name] = value }
        return [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": ["name": "p", "annotations": map(annotations), "labels": map(labels)],
            "spec": .object(spec),
        ]
    }

    static func map(_ strings: [String: String]) -> JSONValue {
        .object(
            JSONObject(
                strings.sorted { $0.key < $1.key }.map {
                    JSONObject.Member(name: $0.key, value: .string($0.value))
                }))
    }

    /// A review of a pod's creation.
    static func review(_ pod: JSONValue, operation: String = "CREATE", dryRun: Bool = false)
        -> JSONValue
    {
        [
            "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
            "request": [
                "uid": "d0f0a9a1-0000-4000-8000-000000000001",
                "kind": ["group": "", "version": "v1", "kind": "Pod"],
                "resource": ["group": "", "version": "v1", "resource": "pods"],
                "namespace": "shop", "operation": .string(operation), "dryRun": .bool(dryRun),
                "object": pod,
            ],
        ]
    }

    static func decide(
        _ pod: JSONValue, injector: PodInjector = injector,
        account: [String: String]? = accountAnnotations,
        commands: [String: Result<ImageCommand, ImageCommandFailure>] = [:]
    ) -> InjectionDecision {
        injector.decide(
            injector.examine(pod: pod, namespace: "shop"), serviceAccountAnnotations: account, commands: commands)
    }
}

extension PodInjector {
    func decide(_ review: AdmissionReview, serviceAccountAnnotations annotations: [String: String]?)
        -> InjectionDecision
    {
        decide(examine(review), serviceAccountAnnotations: annotations)
    }
}

/// A decision that is not the one a test needs.
struct UnexpectedDecision: Error, CustomStringConvertible {
    let description: String
}

extension InjectionDecision {
    func plan() throws -> InjectionPlan {
        guard case .inject(let plan) = self else { throw UnexpectedDecision(description: "\(self)") }
        return plan
    }

    func problems() throws -> [InjectionProblem] {
        guard case .deny(let problems) = self else { throw UnexpectedDecision(description: "\(self)") }
        return problems
    }

    var skipReason: SkipReason? {
        guard case .skip(let reason) = self else { return nil }
        return reason
    }
}

extension JSONValue {
    /// The document with a value put at a pointer; missing objects on the way are made.
    func setting(_ tokens: [String], _ value: JSONValue) -> JSONValue {
        guard let first = tokens.first else { return value }
        var object = object ?? JSONObject()
        object[first] = (object[first] ?? .object(JSONObject())).setting(
            Array(tokens.dropFirst()), value)
        return .object(object)
    }

    /// The document with annotations added to a pod.
    func annotated(_ annotations: [String: String]) -> JSONValue {
        annotations.sorted { $0.key < $1.key }.reduce(self) { pod, annotation in
            pod.setting(["metadata", "annotations", annotation.key], .string(annotation.value))
        }
    }

    func list(_ path: String...) -> [JSONValue] {
        path.reduce(self as JSONValue?) { $0?[$1] }?.array ?? []
    }

    func named(_ name: String) -> JSONValue? {
        array?.first { $0["name"]?.string == name }
    }

    /// Whether a container has a liveness probe of the agent's, its port aside.
    var hasRestartProbe: Bool {
        guard let probe = self["livenessProbe"], let name = self["name"]?.string else { return false }
        return probe["httpGet"]?["path"]?.string == "/restart/\(name)" && probe["periodSeconds"] == 5
            && probe["failureThreshold"] == 6 && probe["timeoutSeconds"] == 5
    }

    /// The pod without what the injector adds, so that what is left must be the pod as it was. Lists that were absent
    /// before and are empty now are taken away where `original` has none.
    func withoutInjection(original: JSONValue) -> JSONValue {
        guard var pod = object, var spec = self["spec"]?.object else { return self }
        func filtered(_ value: JSONValue?, _ original: JSONValue?, _ keep: (JSONValue) -> Bool)
            -> JSONValue?
        {
            guard let elements = value?.array else { return value }
            let rest = elements.filter(keep)
            return rest.isEmpty && original?.array == nil ? original : .array(rest)
        }
        let before = original["spec"]
        for list in ["initContainers", "containers"] where spec[list] != nil {
            let others = filtered(spec[list], before?[list]) {
                !["latchkey-agent", "latchkey-refresh"].contains($0["name"]?.string)
            }
            spec[list] = others.map { value in
                guard let containers = value.array else { return value }
                return .array(
                    containers.enumerated().map { index, container in
                        guard var object = container.object else { return container }
                        let originals = before?[list]?.array ?? []
                        let mounts = index < originals.count ? originals[index]["volumeMounts"] : nil
                        object["volumeMounts"] = filtered(object["volumeMounts"], mounts) {
                            !["latchkey-secrets", "latchkey-environment"].contains($0["name"]?.string)
                        }
                        if index < originals.count { object.takeOutEnvironment(original: originals[index]) }
                        let original = index < originals.count ? originals[index] : .null
                        if original.hasRestartProbe {
                            // Perhaps it was taken away: it goes back to its place.
                            object["livenessProbe"] = original["livenessProbe"]
                            let places = (original.object?.members ?? []).map(\.name)
                            object = JSONObject(
                                object.members.sorted { left, right in
                                    (places.firstIndex(of: left.name) ?? .max)
                                        < (places.firstIndex(of: right.name) ?? .max)
                                })
                        } else if container.hasRestartProbe {
                            object["livenessProbe"] = original["livenessProbe"]
                        }
                        return .object(object)
                    })
            }
        }
        spec["volumes"] = filtered(spec["volumes"], before?["volumes"]) {
            let name = $0["name"]?.string ?? ""
            return !["latchkey-secrets", "latchkey-tokens", "latchkey-no-api-token", "latchkey-environment"]
                .contains(name) && !name.hasPrefix("latchkey-source-")
        }
        pod["spec"] = .object(spec)
        return .object(pod)
    }

    /// What the apiserver adds to an injected pod between the first call of a webhook and the second, and what another
    /// webhook could.
    func withAPIServerDefaults() throws -> JSONValue {
        var operations: [JSONPatch.Operation] = []
        for list in ["initContainers", "containers"] {
            for (index, container) in self.list("spec", list).enumerated() {
                let path = JSONPointer(["spec", list, String(index)])
                for probe in ["livenessProbe", "startupProbe"] {
                    guard let own = container[probe]?.object else { continue }
                    operations.append(.add(path: path.appending(probe).appending("successThreshold"), value: 1))
                    if own["httpGet"]?.object != nil {
                        let scheme = path.appending(probe).appending("httpGet").appending("scheme")
                        operations.append(.add(path: scheme, value: "HTTP"))
                    }
                }
                guard container["name"]?.string?.hasPrefix("latchkey-") ?? false else { continue }
                operations += [
                    .add(path: path.appending("terminationMessagePath"), value: "/dev/termination-log"),
                    .add(path: path.appending("terminationMessagePolicy"), value: "File"),
                    .add(path: path.appending("imagePullPolicy"), value: "IfNotPresent"),
                    .add(
                        path: path.appending("env").appending("-"),
                        value: ["name": "AZURE_CLIENT_ID", "value": "x"]),
                    .add(
                        path: path.appending("volumeMounts").appending("-"),
                        value: ["name": "another-webhooks", "mountPath": "/var/run/another", "readOnly": true]),
                ]
            }
        }
        if let tokens = list("spec", "volumes").firstIndex(where: { $0["name"]?.string == "latchkey-tokens" }) {
            operations.append(
                .add(path: JSONPointer(["spec", "volumes", String(tokens), "projected", "defaultMode"]), value: 420))
        }
        return try JSONPatch(operations).applied(to: self)
    }
}

extension JSONObject {
    /// What stands before a wrapped command, written down here once more.
    static let wrapper: [JSONValue] = [
        "/run/latchkey/bin/latchkey-exec", "run", "/run/latchkey/environment/environment", "--",
    ]

    /// Takes the delivery of environments out of a container. What had been there is taken from `original` only where
    /// what is there now is exactly what may have become of it.
    fileprivate mutating func takeOutEnvironment(original: JSONValue) {
        let names = Set((original["env"]?.array ?? []).compactMap { $0["name"]?.string })
        if let entries = self["env"]?.array {
            let own = entries.filter { names.contains($0["name"]?.string ?? "") }
            let originals = original["env"]?.array ?? []
            let restored = own.enumerated().map { index, entry -> JSONValue in
                guard index < originals.count, var object = entry.object else { return entry }
                let before = originals[index]
                let now = object["value"]?.string
                func unescaped(_ text: String?) -> String? { text?.replacing("$$${akv", with: "$${akv") }
                if let text = before["value"]?.string, now == "${\(text)}" || unescaped(now) == unescaped(text) {
                    object["value"] = .string(text)
                } else if let text = before["value"]?.string, text.contains("akv://"), object["value"] == nil,
                    let key = object["valueFrom"]?["fileKeyRef"], key["key"] == before["name"]
                {
                    return before
                }
                return .object(object)
            }
            self["env"] = restored.isEmpty ? original["env"] : .array(restored)
        }
        if let words = self["command"]?.array, words.starts(with: Self.wrapper) {
            let stated = !(original["command"]?.array ?? []).isEmpty
            self["command"] = stated ? .array(Array(words.dropFirst(Self.wrapper.count))) : original["command"]
            if !stated, (original["args"]?.array ?? []).isEmpty { self["args"] = original["args"] }
        }
        for path in [
            ["livenessProbe"], ["readinessProbe"], ["startupProbe"], ["lifecycle", "postStart"],
            ["lifecycle", "preStop"],
        ].map({ $0 + ["exec", "command"] }) {
            let value = path.reduce(JSONValue.object(self) as JSONValue?) { $0?[$1] }
            guard let words = value?.array, words.starts(with: Self.wrapper) else { continue }
            let restored = JSONValue.object(self).setting(path, .array(Array(words.dropFirst(Self.wrapper.count))))
            if let object = restored.object { self = object }
        }
    }
}
