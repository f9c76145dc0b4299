import NIOCore
import NIOSSL

/// A certificate chain with its private key, as loaded from two files, ready to serve.
struct CertificatePair: Sendable {
    /// The files' content, to see whether it has changed.
    struct Files: Equatable, Sendable {
        let certificate: [UInt8]
        let key: [UInt8]
    }

    /// Why a pair cannot serve.
    enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
        case unreadable(path: String, SmallFile.Failure)
        case noCertificate(path: String)
        case noKey(path: String)
        case mismatch

        var description: String {
            switch self {
            case .unreadable(let path, let failure): "'\(path)': \(failure)"
            case .noCertificate(let path): "'\(path)': holds no PEM certificate"
            case .noKey(let path): "'\(path)': holds no PEM private key that can be used without a password"
            case .mismatch: "the private key does not belong to the certificate"
            }
        }
    }

    let files: Files
    let context: NIOSSLContext
    /// Seconds since the Unix epoch.
    let notBefore: Int
    /// Seconds since the Unix epoch.
    let notAfter: Int

    /// Reads both files.
    static func readFiles(certificate: String, key: String) throws(Failure) -> Files {
        Files(certificate: try read(certificate), key: try read(key))
    }

    private static func read(_ path: String) throws(Failure) -> [UInt8] {
        do { return try SmallFile.read(path) } catch { throw .unreadable(path: path, error) }
    }

    /// Makes the TLS context of what stood in the files; the paths are for messages.
    init(_ files: Files, certificatePath: String, keyPath: String) throws(Failure) {
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(files.certificate), let leaf = chain.first else {
            throw .noCertificate(path: certificatePath)
        }
        guard let key = try? NIOSSLPrivateKey(bytes: files.key, format: .pem) else { throw .noKey(path: keyPath) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        configuration.shutdownTimeout = .seconds(1)
        guard let context = try? NIOSSLContext(configuration: configuration) else { throw .mismatch }
        self.files = files
        self.context = context
        notBefore = Int(leaf.notValidBefore)
        notAfter = Int(leaf.notValidAfter)
    }

    /// Whether a client whose clock is right takes the certificate now.
    func isValid(at seconds: Int) -> Bool { notBefore <= seconds && seconds <= notAfter }
}
