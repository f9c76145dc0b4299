import JSON
import SecretSpec

extension ReactionPlanner {
    /// What may be taken instead of a signal or a restart, behind everything else.
    var alternative: String {
        pod.usesHostNetwork
            ? "" : "; or let the application reload by an HTTP request, [METHOD ]http://127.0.0.1:PORT/path"
    }

    /// Something in the pod that stands in the way, and what to do about it.
    struct Obstacle {
        let what: String
        let remedy: String
    }

    /// Why the agent may not signal the main processes of all containers with the files; nil where it may.
    func obstacleToSignals() -> Obstacle? {
        guard pod.sharesProcessNamespace else {
            return Obstacle(
                what: "the pod's containers share no process namespace"
                    + (pod.usesHostPID ? " of their own (hostPID is the node's)" : ""),
                remedy: pod.usesHostPID
                    ? "take shareProcessNamespace: true instead of hostPID"
                    : "add shareProcessNamespace: true to the pod's spec")
        }
        let found = zip(readers, ownership.readers).first { container, reader in
            isLasting(container) && (reader.uid == nil || reader.uid != ownership.uid)
        }
        guard let (_, reader) = found else { return nil }
        let leaveOut = "or leave it out with \(AnnotationTable.prefix)containers"
        let name = "container \"\(Shown.text(reader.name))\""
        guard let uid = reader.uid else {
            return Obstacle(
                what: "\(name) runs as a user that its image decides, and only the same user may signal it",
                remedy:
                    "state securityContext.runAsUser in the pod, or \(AnnotationTable.prefix)run-as-user: \"<uid>\", "
                    + leaveOut)
        }
        let agent = ownership.uid.map { "uid \($0)" } ?? "its image's user"
        return Obstacle(
            what: "\(name) runs as uid \(uid) and the agent as \(agent), and only the same user may signal it",
            remedy: "give the containers with the files one runAsUser, \(leaveOut)")
    }
}
