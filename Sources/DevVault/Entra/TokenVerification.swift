/// Why a service account's token is not taken.
enum TokenFault: Error, Equatable {
    /// Not a token at all, or signed with an algorithm that no key pair makes.
    case malformed
    case unknownKey
    /// The issuer's keys cannot be had.
    case keysUnavailable
    case wrongSignature
    /// `exp`, `nbf` and `iat` against the clock, five minutes of skew allowed.
    case outsideValidity(from: Int, until: Int)
}

extension JSONWebToken {
    /// Entra's tolerance between clocks, seconds.
    static let skew = 300

    /// Checks signature and times. Issuer, subject and audience are compared by the caller, who knows what to expect.
    func verify(with keys: JSONWebKeySet, now: Int) throws(TokenFault) {
        guard let algorithm else { throw .malformed }
        guard let key = keys.key(for: self) else { throw .unknownKey }
        let digest = algorithm.digest.digest(signedBytes)
        guard key.verifies(signature: signature, digest: digest, algorithm) else { throw .wrongSignature }
        guard let expiry = time("exp") else { throw .malformed }
        let start = time("nbf") ?? time("iat") ?? 0
        let issued = time("iat") ?? start
        let earliest = now.addingReportingOverflow(-Self.skew).partialValue
        let latest = now.addingReportingOverflow(Self.skew).partialValue
        guard expiry > earliest, start <= latest, issued <= latest else {
            throw .outsideValidity(from: start, until: expiry)
        }
    }
}
