import Foundation
import NIOSSL

/// A self-signed certificate for loopback, made by the openssl program, in a folder of its own.
final class TestCertificate: Sendable {
    let folder: URL
    let certificateFile: String
    let keyFile: String
    private let isOwner: Bool

    /// - Parameter days: negative for a certificate whose time is over.
    init(name: String = "localhost", days: Int = 2, in folder: URL? = nil) throws {
        let place = folder ?? FileManager.default.temporaryDirectory.appendingPathComponent("latchkey-\(UUID())")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        self.folder = place
        isOwner = folder == nil
        certificateFile = place.appendingPathComponent("tls.crt").path
        keyFile = place.appendingPathComponent("tls.key").path
        try Self.openssl(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", keyFile])
        let subject = ["-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        if days > 0 {
            try Self.openssl(
                ["req", "-x509", "-new", "-key", keyFile, "-out", certificateFile, "-days", "\(days)"] + subject)
        } else {
            let request = place.appendingPathComponent("request.pem").path
            let configuration = place.appendingPathComponent("ca.cnf")
            let text = """
                [ca]
                default_ca = own
                [own]
                database = \(place.path)/index.txt
                new_certs_dir = \(place.path)
                serial = \(place.path)/serial
                default_md = sha256
                policy = any
                [any]
                commonName = supplied
                """
            try text.write(to: configuration, atomically: true, encoding: .utf8)
            try "".write(to: place.appendingPathComponent("index.txt"), atomically: true, encoding: .utf8)
            try "01".write(to: place.appendingPathComponent("serial"), atomically: true, encoding: .utf8)
            try Self.openssl(["req", "-new", "-key", keyFile, "-out", request, "-subj", "/CN=\(name)"])
            try Self.openssl([
                "ca", "-batch", "-selfsign", "-config", configuration.path, "-keyfile", keyFile, "-in", request, "-out",
                certificateFile, "-startdate", "20200101000000Z", "-enddate", "20200102000000Z",
            ])
        }
    }

    deinit {
        if isOwner { try? FileManager.default.removeItem(at: folder) }
    }

    private static func openssl(_ arguments: [String]) throws {
        let result = try Subprocess.run("/usr/bin/openssl", arguments)
        guard result.status == 0 else { throw TestFailure("openssl \(arguments): \(result.errors)") }
    }

    /// A client's view: trusts this certificate alone.
    func clientContext(protocols: [String] = [], minimum: TLSVersion = .tlsv12, maximum: TLSVersion? = nil) throws
        -> NIOSSLContext
    {
        try Self.clientContext(trusting: [certificateFile], protocols: protocols, minimum: minimum, maximum: maximum)
    }

    static func clientContext(
        trusting files: [String], protocols: [String] = [], minimum: TLSVersion = .tlsv12, maximum: TLSVersion? = nil
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(try files.flatMap { try NIOSSLCertificate.fromPEMFile($0) })
        configuration.applicationProtocols = protocols
        configuration.minimumTLSVersion = minimum
        configuration.maximumTLSVersion = maximum
        return try NIOSSLContext(configuration: configuration)
    }
}

/// Something that a test cannot go on without.
struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
