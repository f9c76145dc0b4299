import JSON

/// The kinds of Kubernetes' own that make pods.
enum WorkloadKind {
    /// API groups by kind, and where the pod template is in the object.
    private static let templates: [String: (groups: [String], path: [String])] = [
        "Pod": ([""], []),
        "PodTemplate": ([""], ["template"]),
        "ReplicationController": ([""], ["spec", "template"]),
        "Deployment": (["apps", "extensions"], ["spec", "template"]),
        "ReplicaSet": (["apps", "extensions"], ["spec", "template"]),
        "DaemonSet": (["apps", "extensions"], ["spec", "template"]),
        "StatefulSet": (["apps"], ["spec", "template"]),
        "Job": (["batch"], ["spec", "template"]),
        "CronJob": (["batch"], ["spec", "jobTemplate", "spec", "template"]),
    ]

    /// The template's path below an object, or nil for a kind that makes no pods or is somebody else's.
    static func templatePath(apiVersion: String, kind: String) -> [String]? {
        guard let known = templates[kind] else { return nil }
        let parts = apiVersion.split(separator: "/", maxSplits: 1)
        let group = parts.count == 2 ? String(parts[0]) : ""
        return known.groups.contains(group) ? known.path : nil
    }
}
