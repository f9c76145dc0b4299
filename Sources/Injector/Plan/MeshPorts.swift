import JSON

/// Whether a pod's service mesh lets the kubelet's probes through to a port.
enum MeshPorts {
    /// Proxies, and the annotation that keeps inbound ports from them.
    private static let meshes = [
        (proxy: "istio-proxy", annotation: "traffic.sidecar.istio.io/excludeInboundPorts"),
        (proxy: "linkerd-proxy", annotation: "config.linkerd.io/skip-inbound-ports"),
        (proxy: "kuma-sidecar", annotation: "traffic.kuma.io/exclude-inbound-ports"),
        (proxy: "consul-dataplane", annotation: "consul.hashicorp.com/transparent-proxy-exclude-inbound-ports"),
    ]

    /// Whether a container is a mesh's proxy. It gets no secrets unless it is named for them, as it needs none, and as
    /// whoever gets them is signalled and restarted.
    static func isProxy(_ container: ContainerView) -> Bool { meshes.contains { $0.proxy == container.name } }

    /// The proxy that catches this port and the annotation that would keep it from doing so; nil where none does.
    static func catching(_ port: UInt16, in pod: PodView) -> (proxy: String, annotation: String)? {
        meshes.first { mesh in
            guard pod.allContainers.contains(where: { $0.name == mesh.proxy }) else { return false }
            return !holds(pod.annotations[mesh.annotation]?.string ?? "", port)
        }
    }

    /// Whether a list such as `80,4000-5000` holds a port.
    private static func holds(_ list: String, _ port: UInt16) -> Bool {
        list.utf8.split(separator: UInt8(ascii: ",")).contains { entry in
            let bounds = entry.filter { $0 != UInt8(ascii: " ") }
                .split(separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
                .map { UInt16(String(decoding: $0, as: UTF8.self)) }
            guard let first = bounds.first, let last = bounds.last, let low = first, let high = last else {
                return false
            }
            return low <= port && port <= high
        }
    }
}
