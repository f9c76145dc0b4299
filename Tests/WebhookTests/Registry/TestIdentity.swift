import Foundation

@testable import Webhook

/// A self-signed RSA certificate for 127.0.0.1 and its key, made by the openssl program.
final class TestIdentity {
    private let folder: TestFolder
    let certificateFile: String
    let keyFile: String

    init() throws {
        folder = try TestFolder()
        certificateFile = "\(folder.path)/tls.crt"
        keyFile = "\(folder.path)/tls.key"
        try openssl([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", keyFile, "-out", certificateFile, "-days", "2",
            "-subj", "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1",
        ])
    }

    /// A JSON Web Token (RS256) that carries the certificate, as token servers of registries make them.
    func token(_ claims: String) throws -> String {
        let certificate = try String(contentsOfFile: certificateFile, encoding: .utf8)
            .components(separatedBy: "\n").filter { !$0.hasPrefix("-") }.joined()
        let header = "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5c\":[\"\(certificate)\"]}"
        let signed = "\(Self.base64(Array(header.utf8))).\(Self.base64(Array(claims.utf8)))"
        // Side by side: several may be asked for at one time.
        let name = "\(folder.path)/\(UUID())"
        try Data(signed.utf8).write(to: URL(fileURLWithPath: name))
        try openssl(["dgst", "-sha256", "-sign", keyFile, "-out", "\(name).signature", name])
        let signature = try Data(contentsOf: URL(fileURLWithPath: "\(name).signature"))
        return "\(signed).\(Self.base64(Array(signature)))"
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        Base64Text.encode(bytes).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private func openssl(_ arguments: [String]) throws {
        let result = try Subprocess.run("/usr/bin/openssl", arguments)
        guard result.status == 0 else { throw RegistryFailure("openssl \(arguments): \(result.errors)") }
    }
}
