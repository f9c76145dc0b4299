import COpenSSL

/// A key pair with its certificate and the chain above it, leaf first: what PFX and PEM files hold.
struct KeyStoreFile: Sendable {
    var key: AsymmetricKey
    var chain: [Certificate]

    /// A PKCS#12 container. Key Vault makes them with 3DES, a SHA-1 MAC and 2000 iterations (seen in recordings).
    func pkcs12(password: String = "") throws(CryptoError) -> [UInt8] {
        guard let leaf = chain.first, let others = OPENSSL_sk_new_null() else { throw .failed }
        defer { OPENSSL_sk_free(others) }
        for certificate in chain.dropFirst() {
            OPENSSL_sk_push(others, UnsafeRawPointer(certificate.pointer))
        }
        let container = PKCS12_create(
            password, nil, key.pointer, leaf.pointer, others, NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
            NID_pbe_WithSHA1And3_Key_TripleDES_CBC, 2000, -1, 0)
        guard let container else { throw .failed }
        defer { PKCS12_free(container) }
        guard PKCS12_set_mac(container, password, -1, nil, 0, 2000, EVP_sha1()) == 1 else { throw .failed }
        return try OpenSSLBuffer.bytes { i2d_PKCS12(container, $0) }
    }

    /// `PRIVATE KEY` and then `CERTIFICATE`s.
    func pem() throws(CryptoError) -> String {
        PEM.encode("PRIVATE KEY", try key.privateDER()) + chain.map(\.pem).joined()
    }

    init(key: AsymmetricKey, chain: [Certificate]) {
        self.key = key
        self.chain = chain
    }

    /// Opens a PKCS#12 container.
    init(pkcs12 bytes: [UInt8], password: String) throws(CryptoError) {
        let container = bytes.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            return d2i_PKCS12(nil, &start, buffer.count)
        }
        guard let container else { throw .malformed }
        defer { PKCS12_free(container) }
        var key: OpaquePointer?
        var leaf: OpaquePointer?
        var others: OpaquePointer?
        guard PKCS12_parse(container, password, &key, &leaf, &others) == 1 else { throw .malformed }
        defer { if let others { OPENSSL_sk_free(others) } }
        var rest: [Certificate] = []
        for index in 0..<(others.map { OPENSSL_sk_num($0) } ?? 0) {
            guard let pointer = OPENSSL_sk_value(others, index) else { continue }
            rest.append(try Certificate(owning: OpaquePointer(pointer)))
        }
        let certificate = try leaf.map { (pointer) throws(CryptoError) in try Certificate(owning: pointer) }
        guard let key else { throw .malformed }
        self.key = AsymmetricKey(owning: key)
        guard let certificate else { throw .malformed }
        chain = Self.ordered(leaf: certificate, rest)
    }

    /// Reads a PEM text: one private key and its certificates in any order.
    init(pem text: String) throws(CryptoError) {
        guard let blocks = PEM.decode(text) else { throw .malformed }
        let keys = blocks.filter { $0.label.hasSuffix("PRIVATE KEY") && !$0.label.hasPrefix("ENCRYPTED") }
        guard keys.count == 1, let found = keys.first else { throw .malformed }
        let key = try AsymmetricKey(privateDER: found.bytes)
        var certificates: [Certificate] = []
        for block in blocks where block.label == "CERTIFICATE" {
            certificates.append(try Certificate(der: block.bytes))
        }
        guard let index = certificates.firstIndex(where: { $0.belongs(to: key) }) else { throw .malformed }
        let leaf = certificates.remove(at: index)
        self.key = key
        chain = Self.ordered(leaf: leaf, certificates)
    }

    /// Leaf, its issuer, the issuer's issuer; what does not belong to the chain follows behind.
    private static func ordered(leaf: Certificate, _ others: [Certificate]) -> [Certificate] {
        var chain = [leaf]
        var rest = others
        while let last = chain.last,
            let index = rest.firstIndex(where: { X509_check_issued($0.pointer, last.pointer) == X509_V_OK })
        {
            chain.append(rest.remove(at: index))
        }
        return chain + rest
    }
}
