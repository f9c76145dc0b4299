/// The projected service-account token. The kubelet replaces the file while we run, so each use reads it anew.
struct ServiceAccountToken: Sendable {
    private static let maximumBytes = 64 << 10

    /// The token itself, to be sent to the identity service and nowhere else.
    let text: String
    /// What it says of itself.
    let claims: JSONWebToken

    /// Reads the token that is in the file now. One that has expired is never returned.
    ///
    /// Only its end is looked at: its beginning may lie ahead of a clock that is some minutes behind.
    /// - Parameter wallSeconds: now, in seconds since 1970.
    static func read(_ path: String, wallSeconds: Int) throws(Problem) -> ServiceAccountToken {
        let content: SecretBytes
        do {
            content = try FileReader.read(path, limit: maximumBytes)
        } catch {
            switch error {
            case .system(let code): throw .unreadable(path: path, errno: code)
            case .tooLarge: throw .malformed(path: path)
            }
        }
        let text = content.withUnsafeBytes { bytes in
            String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
        }
        guard !text.isEmpty else { throw .empty(path: path) }
        guard let claims = JSONWebToken(text), let expiry = claims.expiry else { throw .malformed(path: path) }
        guard expiry > wallSeconds else { throw .expired(path: path, seconds: wallSeconds.subtractingClamped(expiry)) }
        return ServiceAccountToken(text: text, claims: claims)
    }
}

extension Int {
    /// The difference, or the nearest number there is.
    func subtractingClamped(_ other: Int) -> Int {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (self < other ? .min : .max) : difference
    }
}
