internal import COpenSSL

extension CertificateBundle {
    /// Reads one private key and its certificates, in any order; other blocks are left out.
    init(pem: SecretBytes) throws(CertificateBundleProblem) {
        defer { ERR_clear_error() }
        guard let input = pem.withUnsafeBytes({ BIO_new_mem_buf($0.baseAddress, Int32(clamping: $0.count)) }) else {
            throw .noCertificate
        }
        defer { BIO_free(input) }
        var key: PrivateKey?
        var certificates: [X509Certificate] = []
        while let block = try PEMBlock(readingFrom: input) {
            switch block.name {
            case "CERTIFICATE", "X509 CERTIFICATE":
                guard let certificate = block.withDER({ X509Certificate(der: $0) }) else { throw .brokenBlock }
                certificates.append(certificate)
            case "ENCRYPTED PRIVATE KEY": throw .encryptedKey
            case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY":
                if block.isEncrypted { throw .encryptedKey }
                guard let read = block.withDER({ PrivateKey(der: $0) }) else { throw .brokenBlock }
                key = key ?? read
            default: break
            }
        }
        guard let key else { throw .noKey }
        guard !certificates.isEmpty else { throw .noCertificate }
        guard let bundle = CertificateBundle(key: key, certificates: certificates) else {
            throw .keyMatchesNoCertificate
        }
        self = bundle
    }
}

/// One PEM block; what it holds is overwritten when it goes.
private final class PEMBlock {
    let name: String
    /// Whether it has OpenSSL's own encryption (`Proc-Type: 4,ENCRYPTED`).
    let isEncrypted: Bool
    private let data: UnsafeMutablePointer<UInt8>
    private let length: Int

    /// The next block; nil where none begins any more. One that begins and cannot be read is a fault, else a chain
    /// would be shortened in silence.
    init?(readingFrom input: OpaquePointer) throws(CertificateBundleProblem) {
        ERR_clear_error()
        var name: UnsafeMutablePointer<CChar>?
        var header: UnsafeMutablePointer<CChar>?
        var data: UnsafeMutablePointer<UInt8>?
        var length = 0
        guard PEM_read_bio(input, &name, &header, &data, &length) == 1, let name, let header, let data else {
            let code = ERR_peek_last_error()
            if ERR_GET_LIB(code) == ERR_LIB_PEM, ERR_GET_REASON(code) == PEM_R_NO_START_LINE { return nil }
            throw .brokenBlock
        }
        self.name = String(cString: name)
        isEncrypted = header.pointee != 0
        self.data = data
        self.length = length
        CRYPTO_free(name, #file, #line)
        CRYPTO_free(header, #file, #line)
    }

    deinit {
        CRYPTO_clear_free(data, length, #file, #line)
    }

    func withDER<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: data, count: length))
    }
}
