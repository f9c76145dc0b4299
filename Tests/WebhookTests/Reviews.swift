import JSON

/// Reviews made up by tests.
enum Reviews {
    /// A review of a pod with these annotations.
    static func review(
        uid: String = "9f0dcf1-2231", namespace: String = "shop", serviceAccount: String? = nil,
        annotations: [(String, String)] = [], dryRun: Bool = false
    ) -> [UInt8] {
        var spec: JSONObject = JSONObject()
        spec["containers"] = [["name": "c", "image": "app:1"]]
        if let serviceAccount { spec["serviceAccountName"] = .string(serviceAccount) }
        let pod: JSONValue = [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": "p", "namespace": .string(namespace),
                "annotations": .object(JSONObject(annotations.map { .init(name: $0.0, value: .string($0.1)) })),
            ],
            "spec": .object(spec),
        ]
        let review: JSONValue = [
            "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
            "request": [
                "uid": .string(uid), "kind": ["group": "", "version": "v1", "kind": "Pod"],
                "resource": ["group": "", "version": "v1", "resource": "pods"], "namespace": .string(namespace),
                "operation": "CREATE", "dryRun": .bool(dryRun), "object": pod, "oldObject": .null,
            ],
        ]
        return review.serialized()
    }

    /// A review whose pod asks for a secret and states no identity.
    static func needingServiceAccount(
        uid: String = "u", namespace: String = "shop", serviceAccount: String = "web", dryRun: Bool = false
    ) -> [UInt8] {
        review(
            uid: uid, namespace: namespace, serviceAccount: serviceAccount,
            annotations: [("latchkey.dev/secret.db", "akv://shop/db-password")], dryRun: dryRun)
    }

    /// The request as an apiserver sends it.
    static func request(_ body: [UInt8], path: String = "/mutate?timeout=5s", headers: String = "") -> [UInt8] {
        let head =
            "POST \(path) HTTP/1.1\r\nHost: webhook.default.svc:443\r\nUser-Agent: kube-apiserver-admission\r\n"
            + "Content-Length: \(body.count)\r\nAccept: application/json, */*\r\nContent-Type: application/json\r\n"
            + "Accept-Encoding: gzip\r\n\(headers)\r\n"
        return Array(head.utf8) + body
    }
}

extension TestResponse {
    /// The review's answer, parsed.
    var review: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    var isAllowed: Bool? { review["response"]?["allowed"]?.bool }
    var uid: String? { review["response"]?["uid"]?.string }
    /// The message of a denial, or of a failure.
    var message: String? { review["response"]?["status"]?["message"]?.string ?? review["message"]?.string }
}
