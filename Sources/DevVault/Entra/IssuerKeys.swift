import JSON
import NIOCore

/// The key sets of the trusted issuers: loaded at start, and again when a token names a key that is not among them, at
/// most once in a while for each issuer.
actor IssuerKeys {
    private let issuers: [TrustedIssuer]
    private let fetcher: any DocumentFetcher
    private var sets: [String: JSONWebKeySet] = [:]
    private var lastLoads: [String: ContinuousClock.Instant] = [:]
    /// An unknown `kid` makes one request per issuer in this time.
    private let pause: Duration

    init(_ issuers: [TrustedIssuer], fetcher: any DocumentFetcher, pause: Duration = .seconds(1)) {
        self.issuers = issuers
        self.fetcher = fetcher
        self.pause = pause
    }

    /// Loads what can be loaded; an issuer that is not there yet is asked again with its first token.
    func loadAll() async {
        for issuer in issuers { _ = await load(issuer) }
    }

    /// The keys to verify this token with.
    func keys(for issuer: String, token: JSONWebToken) async throws(TokenFault) -> JSONWebKeySet {
        guard let trusted = issuers.first(where: { $0.issuer.isSameText(as: issuer) }) else { throw .keysUnavailable }
        if let set = sets[issuer], set.key(for: token) != nil { return set }
        if let last = lastLoads[issuer], sets[issuer] != nil, ContinuousClock.now - last < pause {
            return try present(issuer)
        }
        _ = await load(trusted)
        return try present(issuer)
    }

    private func present(_ issuer: String) throws(TokenFault) -> JSONWebKeySet {
        guard let set = sets[issuer] else { throw .keysUnavailable }
        return set
    }

    /// The old set stays where the new one cannot be had.
    private func load(_ issuer: TrustedIssuer) async -> Bool {
        lastLoads[issuer.issuer] = .now
        guard let document = await document(of: issuer) else { return false }
        sets[issuer.issuer] = JSONWebKeySet(document)
        return true
    }

    private func document(of issuer: TrustedIssuer) async -> JSONValue? {
        switch issuer.keys {
        case .inline(let document): return document
        case .file(let path):
            guard let bytes = try? PlainFile.read(path, limit: 1 << 20) else { return nil }
            return try? JSONValue(parsing: bytes)
        case .url(let url, let caFile, let tokenFile):
            return await fetcher.fetch(url, caFile: caFile, bearerTokenFile: tokenFile)
        case .discovery(let caFile, let tokenFile):
            var base = issuer.issuer
            if base.hasSuffix("/") { base.removeLast() }
            let found = await fetcher.fetch(
                base + "/.well-known/openid-configuration", caFile: caFile, bearerTokenFile: tokenFile)
            guard let url = found?["jwks_uri"]?.string else { return nil }
            return await fetcher.fetch(url, caFile: caFile, bearerTokenFile: tokenFile)
        }
    }
}

/// Gets JSON documents by address.
protocol DocumentFetcher: Sendable {
    /// Nil for whatever goes wrong.
    func fetch(_ url: String, caFile: String?, bearerTokenFile: String?) async -> JSONValue?
}
