/// A certificate with its private key and the certificates that vouch for it.
struct CertificateBundle {
    let key: PrivateKey
    let leaf: X509Certificate
    /// The leaf's issuer, its issuer and so on; then what belongs to no chain, as it stood.
    let issuers: [X509Certificate]

    /// Puts certificates in order around a key; nil where none of them is the key's.
    init?(key: PrivateKey, certificates: [X509Certificate]) {
        guard let leaf = certificates.first(where: { $0.matches(key) }) else { return nil }
        self.key = key
        self.leaf = leaf
        var rest = certificates.filter { $0 !== leaf }
        var issuers: [X509Certificate] = []
        var last = leaf
        while !last.isSelfIssued, let next = rest.firstIndex(where: { $0.isIssuer(of: last) }) {
            last = rest.remove(at: next)
            issuers.append(last)
        }
        self.issuers = issuers + rest
    }

    /// What a reference's field may name in a bundle.
    enum Part: String, CaseIterable {
        /// The private key, PKCS#8.
        case key
        /// The leaf and its issuers, as a server's certificate file wants them.
        case chain
        /// The leaf alone.
        case leaf
    }

    /// A part as PEM; without one private key, leaf, issuers.
    func pem(_ part: Part? = nil) -> SecretBytes {
        let buffer = OpenSSLBuffer()
        if part == nil || part == .key { key.write(to: buffer) }
        if part != .key { leaf.write(to: buffer) }
        if part == nil || part == .chain { issuers.forEach { $0.write(to: buffer) } }
        return buffer.content
    }
}
