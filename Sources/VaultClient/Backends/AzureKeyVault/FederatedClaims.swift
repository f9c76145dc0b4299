/// What a federated identity credential must say to match a service-account token; for messages.
struct FederatedClaims: CustomStringConvertible {
    private let claims: JSONWebToken

    init(_ claims: JSONWebToken) {
        self.claims = claims
    }

    /// The issuer.
    var issuer: String { Self.shown(claims.issuer) }

    var description: String {
        let audience = claims.audiences.isEmpty ? "none" : claims.audiences.map(Self.shown).joined(separator: ", ")
        return "issuer \(issuer), subject \(Self.shown(claims.subject)), audience \(audience)"
    }

    /// The claims are the cluster's own and no secret, but a file is a file: printable, and not endless.
    private static func shown(_ claim: String?) -> String {
        guard let claim else { return "(none)" }
        guard 1...512 ~= claim.utf8.count, claim.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else { return "(unprintable)" }
        return claim
    }
}
