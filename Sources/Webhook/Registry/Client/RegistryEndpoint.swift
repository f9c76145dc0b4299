import VaultClient

/// Where a registry's API is, and which other hosts may be spoken to on its behalf.
///
/// Nothing is sent to a host because an answer names it: a realm and a redirect are followed only to hosts that the
/// operator listed, or that are listed as belonging to that registry (``WellKnownRegistry``).
struct RegistryEndpoint: Sendable {
    /// As images name it.
    let host: String
    private let base: String
    private let allowsPlainHTTP: Bool
    private let tokenHosts: [String]
    private let blobHosts: [String]

    init(_ registry: RegistryConfiguration.Registry) {
        let known = WellKnownRegistry.entry(for: registry.host)
        let authority = known?.endpoint ?? registry.host
        host = registry.host
        base = "\(registry.plainHTTP ? "http" : "https")://\(authority)"
        allowsPlainHTTP = registry.plainHTTP
        tokenHosts = [authority] + (known?.tokenHosts ?? []) + registry.tokenHosts
        blobHosts = (known?.blobHosts ?? []) + registry.blobHosts
    }

    func manifestURL(_ image: ImageReference, _ name: String) -> String {
        "\(base)/v2/\(image.repository)/manifests/\(name)"
    }

    func blobURL(_ image: ImageReference, _ digest: ContentDigest) -> String {
        "\(base)/v2/\(image.repository)/blobs/\(digest)"
    }

    /// Checks a challenge's realm, where the registry's credentials would go.
    func checkRealm(_ url: String) throws(ImageError) {
        guard let target = target(url) else { throw .realmRefused(host: nil) }
        let isListed = tokenHosts.contains {
            (try? Origin(url: "\(target.scheme)://\($0)", allowingPlainHTTP: allowsPlainHTTP)) == target.origin
        }
        guard isListed else { throw .realmRefused(host: target.authority) }
    }

    /// Where a redirect leads to: a URL of the registry's own origin or of a listed host for blobs.
    func redirectTarget(_ location: String?) throws(ImageError) -> (url: String, isOwn: Bool) {
        guard let location else { throw .redirectRefused(host: nil) }
        if location.hasPrefix("/"), !location.hasPrefix("//") { return (base + location, true) }
        guard let target = target(location) else { throw .redirectRefused(host: nil) }
        if location.hasPrefix("\(base)/") { return (location, true) }
        guard blobHosts.contains(where: { RegistryHost.matches(target.authority, $0) }) else {
            throw .redirectRefused(host: target.authority)
        }
        return (location, false)
    }

    /// The origin of a URL that may be spoken to at all; its authority without the scheme's own port.
    private func target(_ url: String) -> (scheme: String, origin: Origin, authority: String)? {
        guard let origin = try? Origin(url: url, allowingPlainHTTP: allowsPlainHTTP) else { return nil }
        let isPlain = url.prefix(7).lowercased() == "http://"
        let authority = origin.port == (isPlain ? 80 : 443) ? origin.host : "\(origin.host):\(origin.port)"
        return (isPlain ? "http" : "https", origin, authority)
    }
}
