import Foundation
import JSON

/// An AdmissionReview to measure with: a captured one, or one made to a size.
struct Review {
    let name: String
    let bytes: [UInt8]

    /// Captured reviews of the fixtures, with a secret asked for; empty where there are none.
    static func captured() -> [Review] {
        let named = ProcessInfo.processInfo.environment["LATCHKEY_FIXTURES"]
        let folder = URL(fileURLWithPath: named ?? "../../shared/fixtures").appendingPathComponent("admission")
        let files = [
            "kubectl-run-nginx", "deployment-ingressnginx-controller", "statefulset-website-mysql",
            "large-pod-many-containers", "large-pod-3600-env",
        ]
        return files.compactMap { name in
            guard let data = try? Data(contentsOf: folder.appendingPathComponent("\(name).json")),
                let review = try? JSONValue(parsing: Array(data)), let bytes = askingForSecrets(review)
            else { return nil }
            return Review(name: name, bytes: bytes)
        }
    }

    /// A Deployment's pod as the apiserver sends it, its environment as long as the size wants.
    static func made(kilobytes: Int) -> Review {
        var variables: [JSONValue] = []
        var fields: [JSONObject.Member] = []
        var bytes: [UInt8] = []
        while bytes.count < kilobytes * 1000 {
            for _ in 0..<max(1, (kilobytes * 1000 - bytes.count) / 400) {
                let name = "SETTING_\(variables.count)"
                variables.append([
                    "name": .string(name), "value": .string("https://service-\(variables.count).shop.svc/path?x=1"),
                ])
                let known: JSONValue = [".": [:], "f:name": [:], "f:value": [:]]
                fields.append(.init(name: "k:{\"name\":\"\(name)\"}", value: known))
            }
            bytes = document(variables, JSONObject(fields)).serialized()
        }
        return Review(name: "made", bytes: bytes)
    }

    private static func askingForSecrets(_ review: JSONValue) -> [UInt8]? {
        let annotations = JSONPointer(["request", "object", "metadata", "annotations"])
        var operations: [JSONPatch.Operation] = []
        if review.value(at: annotations) == nil { operations.append(.add(path: annotations, value: [:])) }
        for (name, value) in secrets {
            operations.append(.add(path: annotations.appending(name), value: .string(value)))
        }
        return try? JSONPatch(operations).applied(to: review).serialized()
    }

    private static let secrets = [
        ("latchkey.dev/secret.db", "akv://shop/db-password"),
        ("latchkey.dev/secret.tls", "akv://shop/tls?type=certificate&format=pem"),
        ("latchkey.dev/path.db", "conf/db"),
        // The whole identity, so that nobody has to be asked for the ServiceAccount.
        ("latchkey.dev/azure-client-id", "11111111-1111-1111-1111-111111111111"),
        ("latchkey.dev/azure-tenant-id", "22222222-2222-2222-2222-222222222222"),
    ]

    private static func document(_ variables: [JSONValue], _ fields: JSONObject) -> JSONValue {
        [
            "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
            "request": [
                "uid": "705ab4f5-6393-11e8-b7cc-42010a800002", "kind": ["group": "", "version": "v1", "kind": "Pod"],
                "resource": ["group": "", "version": "v1", "resource": "pods"], "namespace": "shop",
                "operation": "CREATE",
                "userInfo": [
                    "username": "system:serviceaccount:kube-system:replicaset-controller",
                    "groups": ["system:authenticated"],
                ],
                "object": [
                    "kind": "Pod", "apiVersion": "v1",
                    "metadata": [
                        "generateName": "api-7d4b9c6f5-", "labels": ["app": "api", "pod-template-hash": "7d4b9c6f5"],
                        "annotations": .object(JSONObject(secrets.map { .init(name: $0.0, value: .string($0.1)) })),
                        "managedFields": [
                            [
                                "manager": "kube-controller-manager", "operation": "Update", "apiVersion": "v1",
                                "fieldsType": "FieldsV1",
                                "fieldsV1": [
                                    "f:spec": ["f:containers": ["k:{\"name\":\"api\"}": ["f:env": .object(fields)]]]
                                ],
                            ]
                        ],
                    ],
                    "spec": [
                        "serviceAccountName": "api", "restartPolicy": "Always",
                        "securityContext": ["runAsUser": 1000, "fsGroup": 2000],
                        "containers": [["name": "api", "image": "api:1", "env": .array(variables), "resources": [:]]],
                    ],
                ], "oldObject": .null, "dryRun": false,
            ],
        ]
    }
}
