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
        // Issuers repeat their name byte by byte in what they issue, as RFC 5280 tells them to. Where one does not,
        // the names are compared as names, which takes ten times as long.
        let exact = content.withUnsafeBytes { Self.certificates(in: $0, Self.equals(encoding(of: subject))) }
        guard exact.isEmpty else { return exact }
        return content.withUnsafeBytes { text in
            Self.certificates(in: text) { name in
                guard let name = OwnedName(name) else { return false }
                return X509_NAME_cmp(name.pointer, subject) == 0
            }
        }
    }

    private static func certificates(
        in text: UnsafeRawBufferPointer, _ isWanted: (UnsafeRawBufferPointer) -> Bool
    ) -> [OpaquePointer] {
        var found: [OpaquePointer] = []
        PEMScanner.forEachCertificate(in: text) { der in
            guard let name = subject(of: der), isWanted(name) else { return }
            var position = der.baseAddress?.assumingMemoryBound(to: UInt8.self)
            if let certificate = d2i_X509(nil, &position, der.count) { found.append(certificate) }
        }
        ERR_clear_error()
        return found
    }

    private static func equals(_ wanted: [UInt8]) -> (UnsafeRawBufferPointer) -> Bool {
        { name in name.count == wanted.count && name.elementsEqual(wanted) }
    }

    private func encoding(of name: OpaquePointer) -> [UInt8] {
        let count = Int(i2d_X509_NAME(name, nil))
        guard count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBufferPointer { buffer in
            var position = buffer.baseAddress
            _ = i2d_X509_NAME(name, &position)
        }
        return bytes
    }

    /// Certificate -> TBSCertificate -> version?, serialNumber, signature, issuer, validity, subject (RFC 5280, 4.1).
    private static func subject(of der: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var certificate = DERReader(der)
        guard var body = certificate.read(tag: 0x30), var fields = body.read(tag: 0x30) else { return nil }
        _ = fields.read(tag: 0xA0)
        for tag: UInt8 in [0x02, 0x30, 0x30, 0x30] {
            guard fields.read(tag: tag) != nil else { return nil }
        }
        return fields.readWhole(tag: 0x30)
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
