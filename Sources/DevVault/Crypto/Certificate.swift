import COpenSSL
import Glibc

/// An X.509 certificate. `@unchecked`: reference counted with atomics and never changed after it was made.
final class Certificate: @unchecked Sendable {
    let pointer: OpaquePointer
    /// The certificate itself.
    let der: [UInt8]

    /// Takes the reference over.
    init(owning pointer: OpaquePointer) throws(CryptoError) {
        self.pointer = pointer
        do throws(CryptoError) {
            der = try OpenSSLBuffer.bytes { i2d_X509(pointer, $0) }
        } catch {
            der = []
            throw error
        }
    }

    convenience init(der bytes: [UInt8]) throws(CryptoError) {
        let certificate = bytes.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            return d2i_X509(nil, &start, buffer.count)
        }
        guard let certificate else { throw .malformed }
        try self.init(owning: certificate)
    }

    deinit { X509_free(pointer) }

    var pem: String { PEM.encode("CERTIFICATE", der) }

    /// SHA-1 over the DER, as `x5t` has it.
    var thumbprint: [UInt8] { DigestAlgorithm.sha1.digest(der) }

    /// Start of validity in unix seconds.
    var notBefore: Int { Self.seconds(X509_get0_notBefore(pointer)) }
    /// End of validity in unix seconds.
    var notAfter: Int { Self.seconds(X509_get0_notAfter(pointer)) }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int {
        var parts = tm()
        guard ASN1_TIME_to_tm(time, &parts) == 1 else { return 0 }
        return timegm(&parts)
    }

    /// The public key.
    func publicKey() throws(CryptoError) -> AsymmetricKey {
        guard let key = X509_get_pubkey(pointer) else { throw .malformed }
        return AsymmetricKey(owning: key)
    }

    /// Whether the key is the one that the certificate was issued for.
    func belongs(to key: AsymmetricKey) -> Bool {
        X509_check_private_key(pointer, key.pointer) == 1
    }

    /// The subject in the order of the certificate, e.g. `CN=shop, O=Example`.
    var subject: String { Self.text(of: X509_get_subject_name(pointer)) }

    /// Key Vault's names of the key usages; empty where the extension is absent.
    var keyUsages: [String] {
        let bits = X509_get_key_usage(pointer)
        guard bits != UInt32.max else { return [] }
        return KeyUsage.allCases.filter { bits & $0.bit != 0 }.map(\.rawValue)
    }

    /// The extended key usages that OpenSSL knows by a flag.
    var extendedKeyUsages: [String] {
        let bits = X509_get_extended_key_usage(pointer)
        guard bits != UInt32.max else { return [] }
        let known: [(Int32, String)] = [
            (XKU_SSL_SERVER, "1"), (XKU_SSL_CLIENT, "2"), (XKU_CODE_SIGN, "3"), (XKU_SMIME, "4"), (XKU_TIMESTAMP, "8"),
            (XKU_OCSP_SIGN, "9"),
        ]
        return known.filter { bits & UInt32(bitPattern: $0.0) != 0 }.map { "1.3.6.1.5.5.7.3." + $0.1 }
    }

    /// Whether basic constraints make it a certificate authority.
    var isAuthority: Bool { X509_check_ca(pointer) == 1 }
}

/// The key usages of a certificate policy.
enum KeyUsage: String, CaseIterable, Sendable {
    case digitalSignature
    case nonRepudiation
    case keyEncipherment
    case dataEncipherment
    case keyAgreement
    case keyCertSign
    case cRLSign
    case encipherOnly
    case decipherOnly

    var bit: UInt32 {
        let bits: Int32 =
            switch self {
            case .digitalSignature: KU_DIGITAL_SIGNATURE
            case .nonRepudiation: KU_NON_REPUDIATION
            case .keyEncipherment: KU_KEY_ENCIPHERMENT
            case .dataEncipherment: KU_DATA_ENCIPHERMENT
            case .keyAgreement: KU_KEY_AGREEMENT
            case .keyCertSign: KU_KEY_CERT_SIGN
            case .cRLSign: KU_CRL_SIGN
            case .encipherOnly: KU_ENCIPHER_ONLY
            case .decipherOnly: KU_DECIPHER_ONLY
            }
        return UInt32(bitPattern: bits)
    }
}

extension Certificate {
    /// The issuer in the form of ``subject``.
    var issuer: String { Self.text(of: X509_get_issuer_name(pointer)) }

    /// Hexadecimal, upper case, as Key Vault shows it.
    var serialNumber: String {
        guard let number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(pointer), nil) else { return "" }
        defer { BN_free(number) }
        guard let digits = BN_bn2hex(number) else { return "" }
        defer { CRYPTO_free(digits, nil, 0) }
        return String(cString: digits)
    }

    /// A name in the order of the certificate.
    static func text(of name: OpaquePointer?) -> String {
        guard let sink = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free_all(sink) }
        let flags = UInt(XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN)
        guard X509_NAME_print_ex(sink, name, 0, flags) >= 0 else { return "" }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = BIO_read(sink, &buffer, Int32(buffer.count))
        return count > 0 ? String(decoding: buffer.prefix(Int(count)), as: UTF8.self) : ""
    }
}

extension Certificate {
    /// Whether the certificate names this host; a wildcard is asked for as itself.
    func matches(_ dnsName: String) -> Bool {
        let asked = dnsName.hasPrefix("*.") ? "any" + dnsName.dropFirst() : dnsName
        return X509_check_host(pointer, asked, asked.utf8.count, 0, nil) == 1
    }
}
