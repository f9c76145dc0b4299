/// Why a secret's content is no certificate with its key.
enum CertificateBundleProblem: Error, Equatable, Sendable {
    case notBase64
    case notPKCS12
    case passwordNeeded
    case unsupportedAlgorithm
    case encryptedKey
    case noKey
    case noCertificate
    case keyMatchesNoCertificate
    case brokenBlock

    /// Part of a sentence that begins with the object's name.
    var clause: String {
        switch self {
        case .notBase64: "holds neither PEM nor base64, so it is no certificate with its key"
        case .notPKCS12: "holds base64, but what it stands for is not PKCS#12"
        case .passwordNeeded:
            "is a PKCS#12 file with a password; import it as a certificate (Key Vault then keeps it without one), or "
                + "store it without a password"
        case .unsupportedAlgorithm:
            "is a PKCS#12 file encrypted with an algorithm that is no longer supported (such as RC2); write it anew "
                + "with AES or triple DES, or import it as a certificate"
        case .encryptedKey: "holds an encrypted private key; store the key without a passphrase"
        case .noKey:
            "holds no private key; where a certificate's key is not exportable use type=certificate without a format"
        case .noCertificate: "holds a private key and no certificate"
        case .keyMatchesNoCertificate: "holds a private key that belongs to none of its certificates"
        case .brokenBlock: "holds a PEM block that cannot be decoded"
        }
    }
}
