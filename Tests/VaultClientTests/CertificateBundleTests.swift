import COpenSSL
import Foundation
import Testing

@testable import VaultClient

@Suite struct CertificateBundleTests {
    private let root = TestAuthority(name: "Root")
    private let intermediate: TestAuthority
    private let leaf: TestAuthority.Identity

    init() {
        intermediate = TestAuthority(name: "Intermediate", parent: root)
        leaf = intermediate.issue()
    }

    private var ordered: String { leaf.keyPEM + leaf.certificatePEM + intermediate.pem + root.pem }

    private func bundle(_ text: String) throws -> CertificateBundle {
        try CertificateBundle(pem: SecretBytes(text: text))
    }

    /// PKCS#12 with its certificates in the wrong order.
    private func pkcs12(
        password: String?, key: Int32 = NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
        certificate: Int32 = NID_pbe_WithSHA1And3_Key_TripleDES_CBC, macIterations: Int32 = 2000
    ) throws -> SecretBytes {
        let stack = OPENSSL_sk_new_null()
        defer { OPENSSL_sk_free(stack) }
        for issuer in [root.root, intermediate.root] { OPENSSL_sk_push(stack, UnsafeRawPointer(issuer.certificate)) }
        let file = PKCS12_create(
            password, nil, leaf.key, leaf.certificate, stack, key, certificate, 2000, macIterations, 0)
        defer { PKCS12_free(file) }
        let bio = BIO_new(BIO_s_mem())
        defer { BIO_free(bio) }
        try #require(i2d_PKCS12_bio(bio, file) == 1)
        return SecretBytes(TestAuthority.content(bio))
    }

    @Test("key, leaf, then each issuer up to the root, whatever the order was")
    func order() throws {
        let shuffled = root.pem + leaf.traditionalKeyPEM + "comment\n" + leaf.certificatePEM + intermediate.pem
        #expect(try bundle(shuffled).pem().text == ordered)
    }

    @Test("the parts")
    func parts() throws {
        let bundle = try bundle(ordered)
        #expect(bundle.pem(.key).text == leaf.keyPEM)
        #expect(bundle.pem(.leaf).text == leaf.certificatePEM)
        #expect(bundle.pem(.chain).text == leaf.certificatePEM + intermediate.pem + root.pem)
    }

    @Test("a certificate that belongs to no chain is kept at the end")
    func stranger() throws {
        let other = TestAuthority(name: "Other").pem
        #expect(try bundle(other + ordered).pem().text == ordered + other)
    }

    @Test("PKCS#12 as Key Vault writes it, with an empty password and with none", arguments: ["", nil])
    func pkcs12(_ password: String?) throws {
        #expect(try CertificateBundle(pkcs12: pkcs12(password: password)).pem().text == ordered)
    }

    @Test("PKCS#12 as OpenSSL writes it, and without an authentication code")
    func otherPKCS12() throws {
        #expect(try CertificateBundle(pkcs12: pkcs12(password: "", key: 0, certificate: 0)).pem().text == ordered)
        let plain = try pkcs12(password: nil, key: -1, certificate: -1, macIterations: -1)
        #expect(try CertificateBundle(pkcs12: plain).pem().text == ordered)
    }

    @Test("what is written as PKCS#12 reads back")
    func roundTrip() throws {
        let written = try #require(try bundle(ordered).pkcs12())
        #expect(try CertificateBundle(pkcs12: written).pem().text == ordered)
    }

    @Test("faults have names")
    func faults() throws {
        let other = intermediate.issue()
        let cases: [(String, CertificateBundleProblem)] = [
            ("", .noKey), ("text", .noKey), (leaf.certificatePEM, .noKey), (leaf.keyPEM, .noCertificate),
            (other.keyPEM + leaf.certificatePEM, .keyMatchesNoCertificate),
            (leaf.encryptedKeyPEM + leaf.certificatePEM, .encryptedKey),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", .brokenBlock),
            (leaf.keyPEM + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", .brokenBlock),
        ]
        for (text, problem) in cases { #expect(throws: problem) { try bundle(text) } }
        #expect(throws: CertificateBundleProblem.passwordNeeded) {
            try CertificateBundle(pkcs12: pkcs12(password: "secret"))
        }
        #expect(throws: CertificateBundleProblem.notPKCS12) { try CertificateBundle(pkcs12: SecretBytes([])) }
        #expect(throws: CertificateBundleProblem.notPKCS12) { try CertificateBundle(pkcs12: SecretBytes([0x30, 0])) }
    }

    @Test("a block that begins and cannot be read never shortens the chain")
    func brokenBlocks() throws {
        let end = "-----END CERTIFICATE-----\n"
        let badBase64 = intermediate.pem.replacingOccurrences(of: "MII", with: "M!I")
        let noEnd = intermediate.pem.replacingOccurrences(of: end, with: "")
        let otherEnd = intermediate.pem.replacingOccurrences(of: end, with: "-----END X509 CRL-----\n")
        for broken in [badBase64, noEnd, otherEnd] {
            try #require(broken != intermediate.pem)
            for text in [leaf.keyPEM + leaf.certificatePEM + broken, broken + leaf.keyPEM + leaf.certificatePEM] {
                #expect(throws: CertificateBundleProblem.brokenBlock) { try bundle(text) }
            }
        }
        #expect(try bundle(ordered + "\ntext after the last block").pem().text == ordered)
    }

    @Test("an algorithm of the legacy provider is named as such")
    func unsupported() throws {
        let file = try #require(Base64.decode(LegacyPKCS12.base64))
        #expect(throws: CertificateBundleProblem.unsupportedAlgorithm) { try CertificateBundle(pkcs12: file) }
    }

    @Test("invariant 10: no bytes trap")
    func mutations() throws {
        let pkcs12 = try pkcs12(password: "").withUnsafeBytes(Array.init)
        let pem = Array(ordered.utf8)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            for original in [pkcs12, pem] {
                var bytes = original
                for _ in 0..<Int.random(in: 1...4) {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255)
                }
                if Bool.random() { bytes.removeLast(Int.random(in: 0..<bytes.count)) }
                _ = try? CertificateBundle(pkcs12: SecretBytes(bytes)).pem()
                _ = try? CertificateBundle(pem: SecretBytes(bytes)).pem()
                bytes.withUnsafeBytes { buffer in
                    _ = Base64.decode(buffer)
                    _ = Hexadecimal.decode(buffer)
                    PEMScanner.forEachCertificate(in: buffer) { _ in }
                    var reader = DERReader(buffer)
                    while var inner = reader.read(tag: 0x30) { _ = inner.readWhole(tag: 0x30) }
                }
                let text = String(decoding: bytes, as: UTF8.self)
                _ = JSONWebToken(text)
                _ = BearerChallenge("Bearer " + text)
                _ = try? Origin(url: "https://" + text)
            }
        }
    }
}
