import Foundation
import VaultClient

@testable import Webhook

/// Debian's `docker-registry` as a process on loopback, with a folder of its own.
final class DebianRegistry {
    /// How it is protected. `bob` has the password `canary-password`.
    enum Authentication {
        case none
        case basic
        /// Tokens of this realm and service, signed by the key of this certificate.
        case tokens(realm: String, certificateFile: String)
    }

    static let path = ProcessInfo.processInfo.environment["LATCHKEY_DOCKER_REGISTRY"] ?? "/usr/bin/docker-registry"
    static var isMissing: Bool { !FileManager.default.isExecutableFile(atPath: path) }

    private static let passwords = "bob:$2y$05$SwKjHgVtqy4fL3IdZ7uBlOvl8MZOVFKsOGzcVB9p497E5bGgqWaMS\n"

    let host: String
    private let isSecure: Bool
    private let folder: TestFolder
    private let process = Process()
    private let client: HTTPClient

    init(_ authentication: Authentication = .none, identity: TestIdentity? = nil) throws {
        folder = try TestFolder()
        isSecure = identity != nil
        var options = HTTPOptions(caFile: identity?.certificateFile)
        options.reach = .httpToo
        client = HTTPClient(options)

        let configuration = try folder.write(
            "configuration.yml", Self.configuration(authentication, identity, folder))
        let log = try folder.write("log", "")
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = ["serve", configuration]
        process.environment = ["OTEL_TRACES_EXPORTER": "none"]
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let limit = ContinuousClock.now + .seconds(60)
        var port: Substring?
        while port == nil {
            let text = try String(contentsOfFile: log, encoding: .utf8)
            guard process.isRunning, .now < limit else {
                process.terminate()
                throw RegistryFailure("docker-registry does not listen: \(text)")
            }
            port = text.firstMatch(of: /listening on 127\.0\.0\.1:(\d+)/)?.1
            usleep(2000)
        }
        host = "127.0.0.1:\(port ?? "0")"
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    private static func configuration(
        _ authentication: Authentication, _ identity: TestIdentity?, _ folder: TestFolder
    ) throws -> String {
        var text = """
            version: 0.1
            log: {level: info}
            storage: {filesystem: {rootdirectory: "\(folder.path)/storage"}}
            http:
              addr: 127.0.0.1:0

            """
        if let identity {
            text += "  tls: {certificate: \"\(identity.certificateFile)\", key: \"\(identity.keyFile)\"}\n"
        }
        switch authentication {
        case .none: break
        case .basic:
            text += "auth: {htpasswd: {realm: test, path: \"\(try folder.write("passwords", passwords))\"}}\n"
        case .tokens(let realm, let certificateFile):
            text +=
                "auth: {token: {realm: \"\(realm)\", service: registry.test, issuer: tests, "
                + "rootcertbundle: \"\(certificateFile)\"}}\n"
        }
        return text
    }

    /// Puts an image under a tag, as a client that pushes does.
    func push(_ image: PlayedImage, _ repository: String, tag: String, authorization: String? = nil) async throws {
        let base = "\(isSecure ? "https" : "http")://\(host)/v2/\(repository)"
        for (digest, blob) in image.blobs {
            let begun = try await send("POST", "\(base)/blobs/uploads/", [], authorization)
            guard let location = begun.header("location") else { throw RegistryFailure("no upload") }
            let type = ("Content-Type", "application/octet-stream")
            _ = try await send("PUT", "\(location)&digest=\(digest)", blob, authorization, [type])
        }
        for (name, manifest) in image.manifests.filter({ $0.value != image.top }) + [(tag, image.top)] {
            let isIndex = String(decoding: manifest, as: UTF8.self).contains("\"manifests\"")
            let type = ("Content-Type", isIndex ? PlayedImage.indexType : PlayedImage.manifestType)
            _ = try await send("PUT", "\(base)/manifests/\(name)", manifest, authorization, [type])
        }
    }

    private func send(
        _ method: String, _ url: String, _ body: [UInt8], _ authorization: String?, _ headers: [(String, String)] = []
    ) async throws -> HTTPResponse {
        let own = authorization.map { [("Authorization", $0)] } ?? []
        let response = try await client.send(HTTPRequest(method: method, url: url, headers: headers + own, body: body))
        guard 200..<300 ~= response.status else {
            let text = response.body.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            throw RegistryFailure("\(method) \(url): \(response.status) \(text)")
        }
        return response
    }
}

struct RegistryFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
