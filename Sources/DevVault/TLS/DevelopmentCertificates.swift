import Glibc

/// The development CA and the server's certificate, kept as PEM files beside the state, made when missing.
///
/// The CA's key is thrown away after the server's certificate was signed, so nothing else can ever be signed with it; a
/// certificate that is about to expire, or that lacks a wanted name, is made anew together with its CA.
struct DevelopmentCertificates: Sendable {
    /// For the clients' trust.
    let caPEM: String
    let certificatePEM: String
    let keyPEM: String

    private static let caName = "devvault-ca.pem"
    private static let certificateName = "devvault-tls.pem"
    private static let keyName = "devvault-tls.key"
    private static let validity = 825 * 86400
    private static let renewal = 30 * 86400

    /// Where the CA is found.
    static func caPath(in folder: String) -> String { folder + "/" + caName }

    /// Reads them from the folder or makes them; nil keeps them in memory.
    static func load(folder: String?, dnsNames: [String], addresses: [String]) throws(DevVaultError) -> Self {
        let place = folder ?? "memory"
        if let folder, let present = read(folder, dnsNames: dnsNames) { return present }
        let made: Self
        do throws(CryptoError) {
            made = try make(dnsNames: dnsNames, addresses: addresses)
        } catch {
            throw .certificates(path: place, reason: "OpenSSL refused: \(error)")
        }
        if let folder {
            do throws(FileFailure) {
                try PlainFile.replace(folder + "/" + keyName, with: Array(made.keyPEM.utf8), mode: 0o600)
                try PlainFile.replace(
                    folder + "/" + certificateName, with: Array(made.certificatePEM.utf8), mode: 0o644)
                try PlainFile.replace(caPath(in: folder), with: Array(made.caPEM.utf8), mode: 0o644)
            } catch {
                throw .certificates(path: place, reason: error.description)
            }
        }
        return made
    }

    private static func read(_ folder: String, dnsNames: [String]) -> Self? {
        let texts = [caName, certificateName, keyName].compactMap { name in
            (try? PlainFile.read(folder + "/" + name, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
        }
        guard texts.count == 3, let file = try? KeyStoreFile(pem: texts[2] + texts[1]), let leaf = file.chain.first,
            leaf.notAfter > Timestamp.now() + renewal, dnsNames.allSatisfy(leaf.matches)
        else { return nil }
        return Self(caPEM: texts[0], certificatePEM: texts[1], keyPEM: texts[2])
    }

    private static func make(dnsNames: [String], addresses: [String]) throws(CryptoError) -> Self {
        let now = Timestamp.now()
        let authorityKey = try AsymmetricKey.generate(.ec(.p256))
        let suffix = SecureRandom.hex(SecureRandom.bytes(4))
        let authority = try CertificateTemplate(
            subject: "CN=Latchkey development CA \(suffix)", keyUsages: [.keyCertSign, .cRLSign], isAuthority: true,
            notBefore: now - 3600, notAfter: now + validity
        ).certificate(for: authorityKey)
        let key = try AsymmetricKey.generate(.ec(.p256))
        let leaf = try CertificateTemplate(
            subject: "CN=Latchkey dev vault", dnsNames: dnsNames, addresses: addresses,
            keyUsages: [.digitalSignature], extendedKeyUsages: ["1.3.6.1.5.5.7.3.1"], notBefore: now - 3600,
            notAfter: now + validity
        ).certificate(for: key, issuer: (authority, authorityKey))
        return Self(
            caPEM: authority.pem, certificatePEM: leaf.pem, keyPEM: PEM.encode("PRIVATE KEY", try key.privateDER()))
    }
}
