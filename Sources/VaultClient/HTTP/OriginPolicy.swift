/// Which origins may be sent credentials: those the operator named, and hosts below a DNS suffix the operator named.
///
/// Addresses are allowed only where an origin names exactly that address; `[::ffff:10.0.0.5]` is not `10.0.0.5`.
public struct OriginPolicy: Sendable, Equatable {
    /// Origins that are allowed as they are.
    public let origins: [Origin]
    /// Hosts below these are allowed, on the suffix's port; the suffix itself is not.
    public let suffixes: [Origin]

    /// A policy.
    public init(origins: [Origin] = [], suffixes: [Origin] = []) {
        self.origins = origins
        self.suffixes = suffixes.filter { !$0.isAddress }
    }

    /// The origin of a URL that may be sent credentials.
    @discardableResult
    public func check(_ url: String) throws(OriginProblem) -> Origin {
        let origin = try Origin(url: url)
        guard allows(origin) else { throw .notConfigured(origin) }
        return origin
    }

    /// Whether an origin may be sent credentials.
    public func allows(_ origin: Origin) -> Bool {
        origins.contains(origin) || suffixes.contains { origin.isBelow($0) }
    }
}
