import Foundation
import Glibc
import Testing

/// nghttp2's server, which speaks HTTP/2 and gives one file.
final class HTTP2Server {
    static let isInstalled = Interpreter.works(["nghttpd", "--version"])
    static let remedy: Comment = "needs nghttpd (Debian: nghttp2-server)"

    let port: UInt16
    private let directory: URL
    private let process = Process()

    init(_ identity: TestAuthority.Identity) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("latchkey-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for (name, text) in [("key", identity.keyPEM), ("certificate", identity.certificatePEM), ("index.html", "v")] {
            try text.write(to: directory.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        port = try Loopback.closedPort()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "nghttpd", "--address=127.0.0.1", "--htdocs=\(directory.path)", "\(port)", "\(directory.path)/key",
            "\(directory.path)/certificate",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning, case let probe = Loopback.connect(port) {
            if probe >= 0 {
                close(probe)
                return
            }
            usleep(10_000)
        }
        throw POSIXError(.ECONNREFUSED)
    }

    func stop() {
        // It leaves SIGTERM unheard where that is blocked in the test's thread.
        kill(process.processIdentifier, SIGKILL)
        try? FileManager.default.removeItem(at: directory)
    }
}
