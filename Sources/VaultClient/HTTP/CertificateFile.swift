internal import COpenSSL
internal import Synchronization

/// A PEM file of CA certificates of which only those are decoded that somebody asks for.
///
/// OpenSSL takes 25 ms to decode the 140 CAs of a distribution, more than all the rest of a fetch; finding the one that
/// is wanted by its name takes a fraction of that, and nothing where a private CA answers first.
final class CertificateFile: Sendable {
    let path: String
    private let readFailed = Atomic<Bool>(false)

    init(path: String) {
        self.path = path
    }

    /// Whether the file could not be read when it was needed.
    var isUnreadable: Bool { readFailed.load(ordering: .relaxed) }

    /// The certificates of a subject.
    /// - Parameter subject: an `X509_NAME *`.
    /// - Returns: `X509 *` that the caller must free.
    func certificates(of subject: OpaquePointer) -> [OpaquePointer] {
        guard let content = try? FileReader.read(path, limit: 16 << 20) else {
            readFailed.store(true, ordering: .relaxed)
            return []
        }
        var found: [OpaquePointer] = []
        content.withUnsafeBytes { text in
            PEMScanner.forEachCertificate(in: text) { der in
                guard let name = Self.subject(of: der), X509_NAME_cmp(name.pointer, subject) == 0 else { return }
                var position = der.baseAddress?.assumingMemoryBound(to: UInt8.self)
                if let certificate = d2i_X509(nil, &position, der.count) { found.append(certificate) }
            }
        }
        return found
    }

    /// Certificate -> TBSCertificate -> version?, serialNumber, signature, issuer, validity, subject (RFC 5280, 4.1).
    private static func subject(of der: UnsafeRawBufferPointer) -> OwnedName? {
        var certificate = DERReader(der)
        guard var body = certificate.read(tag: 0x30), var fields = body.read(tag: 0x30) else { return nil }
        _ = fields.read(tag: 0xA0)
        for tag: UInt8 in [0x02, 0x30, 0x30, 0x30] {
            guard fields.read(tag: tag) != nil else { return nil }
        }
        return fields.readWhole(tag: 0x30).flatMap(OwnedName.init)
    }
}

/// An `X509_NAME` that is freed with its owner.
private final class OwnedName {
    let pointer: OpaquePointer

    init?(_ der: UnsafeRawBufferPointer) {
        var position = der.baseAddress?.assumingMemoryBound(to: UInt8.self)
        guard let name = d2i_X509_NAME(nil, &position, der.count) else { return nil }
        pointer = name
    }

    deinit { X509_NAME_free(pointer) }
}
