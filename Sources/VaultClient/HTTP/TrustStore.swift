internal import COpenSSL

/// The CA certificates that servers are verified against: one `X509_STORE` for all connections of a client.
final class TrustStore {
    /// The `X509_STORE *`.
    let pointer: OpaquePointer
    private let file: CertificateFile?

    /// Reads `extraCABundle` now, everything else when it is asked for.
    init(_ options: HTTPOptions) throws(HTTPError) {
        guard let store = X509_STORE_new() else { throw .trustStore(reason: "out of memory") }
        pointer = store
        file = options.caFile.map(CertificateFile.init)
        // An operator's bundle may hold an intermediate CA or the server's own certificate: that is an anchor too.
        X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST))
        if let bundle = options.extraCABundle { try add(bundle) }
        if let directory = options.caDirectory { X509_STORE_load_path(store, directory) }
        if let file { LazyLookup.add(file, to: store) }
        ERR_clear_error()
    }

    deinit {
        X509_STORE_free(pointer)
    }

    /// The same for a C callback's user data.
    var rawPointer: UnsafeRawPointer { UnsafeRawPointer(pointer) }

    /// The CA file, if it was needed and could not be read.
    var unreadableFile: String? {
        guard let file, file.isUnreadable else { return nil }
        return file.path
    }

    private func add(_ bundle: String) throws(HTTPError) {
        var count = 0
        var isBroken = false
        var text = bundle
        text.withUTF8 { utf8 in
            PEMScanner.forEachCertificate(in: UnsafeRawBufferPointer(utf8)) { der in
                var position = der.baseAddress?.assumingMemoryBound(to: UInt8.self)
                guard let certificate = d2i_X509(nil, &position, der.count) else {
                    isBroken = true
                    return
                }
                X509_STORE_add_cert(pointer, certificate)
                X509_free(certificate)
                count += 1
            }
        }
        ERR_clear_error()
        if isBroken { throw .trustStore(reason: "the caBundle holds a CERTIFICATE block that is no certificate") }
        if count == 0 { throw .trustStore(reason: "the caBundle holds no PEM block 'CERTIFICATE'") }
    }
}

/// The hook by which OpenSSL asks a ``CertificateFile`` for a CA that the store does not hold yet.
private final class LazyLookup {
    private let file: CertificateFile
    /// What OpenSSL was given; it borrows these and takes references of its own later.
    private var lent: [OpaquePointer] = []

    private init(_ file: CertificateFile) {
        self.file = file
    }

    deinit {
        for certificate in lent { X509_free(certificate) }
    }

    /// Makes the store ask the file, too.
    static func add(_ file: CertificateFile, to store: OpaquePointer) {
        guard let method, let lookup = X509_STORE_add_lookup(store, method) else { return }
        X509_LOOKUP_set_method_data(lookup, Unmanaged.passRetained(LazyLookup(file)).toOpaque())
    }

    /// Puts the certificates of a subject into the store; false where the file has none.
    private func answer(_ subject: OpaquePointer, store: OpaquePointer, result: OpaquePointer) -> Bool {
        let certificates = file.certificates(of: subject)
        guard let first = certificates.first else { return false }
        for certificate in certificates { X509_STORE_add_cert(store, certificate) }
        lent += certificates
        X509_OBJECT_set1_X509(result, first)
        // The result is borrowed in OpenSSL's own look-ups, too; `set1` has taken a reference that nobody gives back.
        X509_free(first)
        return true
    }

    // Made once, never changed.
    nonisolated(unsafe) private static let method: OpaquePointer? = {
        guard let method = X509_LOOKUP_meth_new("latchkey CA file") else { return nil }
        X509_LOOKUP_meth_set_free(method) { lookup in
            guard let lookup, let data = X509_LOOKUP_get_method_data(lookup) else { return }
            Unmanaged<LazyLookup>.fromOpaque(data).release()
        }
        X509_LOOKUP_meth_set_get_by_subject(method) { lookup, type, subject, result in
            guard let lookup, let subject, let result, type == X509_LU_X509,
                let data = X509_LOOKUP_get_method_data(lookup), let store = X509_LOOKUP_get_store(lookup)
            else { return 0 }
            let hook = Unmanaged<LazyLookup>.fromOpaque(data).takeUnretainedValue()
            return hook.answer(subject, store: store, result: result) ? 1 : 0
        }
        return method
    }()
}
