import COpenSSL
import Foundation
import Glibc
import Synchronization

/// An HTTPS server on a port of loopback that answers as a test says: login and vault in one.
final class ScriptedVault: Sendable {
    struct Request: Sendable {
        let method: String
        /// With its query.
        let target: String
        let headers: String
        let body: String
        var path: String { String(target.prefix { $0 != "?" }) }
    }

    enum Answer: Sendable {
        case json(Int, String, headers: [String] = [])
        /// Says nothing until the server stops.
        case silence
        /// Ends the connection.
        case hangUp
        /// Sends this and ends the connection.
        case raw(String)
    }

    let port: Int
    /// The certificate, which is its own authority.
    let certificateFile: String
    private let folder: TemporaryFolder
    private let listener: Int32
    private let answer: @Sendable (Request) -> Answer
    private let log = Mutex<[Request]>([])
    private let isStopped = Atomic<Bool>(false)
    nonisolated(unsafe) private let context: OpaquePointer

    /// The requests so far.
    var requests: [Request] { log.withLock { $0 } }

    init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
        // A client that has gone must not end the tests.
        signal(SIGPIPE, SIG_IGN)
        self.answer = answer
        folder = try TemporaryFolder()
        certificateFile = folder.path + "/certificate.pem"
        let keyFile = folder.path + "/key.pem"
        guard let openssl = Program.tool("openssl"), let context = SSL_CTX_new(TLS_server_method()) else {
            throw POSIXError(.ENOENT)
        }
        let outcome = try openssl.run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyFile,
            "-out", certificateFile, "-days", "2", "-subj", "/CN=scripted vault", "-addext",
            "subjectAltName=IP:127.0.0.1",
        ])
        guard outcome.status == 0, SSL_CTX_use_certificate_file(context, certificateFile, SSL_FILETYPE_PEM) == 1,
            SSL_CTX_use_PrivateKey_file(context, keyFile, SSL_FILETYPE_PEM) == 1
        else { throw POSIXError(.EINVAL) }
        self.context = context
        (listener, port) = try Self.listen()
        Thread.detachNewThread { [self] in acceptAll() }
    }

    /// The login succeeds, and each secret is `value of <name>` unless `secret` says otherwise.
    static func serving(
        _ secret: @escaping @Sendable (_ name: String, _ request: Request) -> Answer? = { _, _ in nil }
    ) throws -> ScriptedVault {
        try ScriptedVault { request in
            if request.method == "POST" {
                return .json(200, #"{"token_type":"Bearer","expires_in":3600,"access_token":"canary-access-token"}"#)
            }
            let name = request.path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
            return secret(name, request) ?? value("canary-value of \(name)", name: name)
        }
    }

    static func value(_ value: String, name: String) -> Answer {
        .json(
            200,
            #"{"value":"\#(value)","id":"https://127.0.0.1/secrets/\#(name)/0123456789abcdef0123456789abcdef","#
                + #""attributes":{"enabled":true,"created":1700000000,"updated":1700000000}}"#)
    }

    /// Ends all connections; the accepting thread keeps the server alive until then.
    func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        shutdown(listener, Int32(SHUT_RDWR))
    }

    static func listen() throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && Glibc.listen(descriptor, 64) == 0
                    && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard isListening else { throw POSIXError(.EADDRNOTAVAIL) }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    private func acceptAll() {
        while !isStopped.load(ordering: .sequentiallyConsistent) {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            Thread.detachNewThread { [self] in
                serve(connection)
                close(connection)
            }
        }
        close(listener)
    }

    private func serve(_ connection: Int32) {
        guard let tls = SSL_new(context) else { return }
        defer { SSL_free(tls) }
        guard SSL_set_fd(tls, connection) == 1, SSL_accept(tls) == 1 else { return }
        var received: [UInt8] = []
        while !isStopped.load(ordering: .sequentiallyConsistent) {
            guard let request = Self.takeRequest(from: &received) else {
                var buffer = [UInt8](repeating: 0, count: 16384)
                let count = SSL_read(tls, &buffer, Int32(buffer.count))
                guard count > 0 else { return }
                received += buffer.prefix(Int(count))
                continue
            }
            log.withLock { $0.append(request) }
            switch answer(request) {
            case .hangUp: return
            case .raw(let text):
                SSL_write(tls, Array(text.utf8), Int32(text.utf8.count))
                return
            case .silence: while !isStopped.load(ordering: .sequentiallyConsistent) { usleep(20_000) }
            case .json(let status, let body, let headers):
                let head =
                    ["HTTP/1.1 \(status) x", "Content-Type: application/json", "Content-Length: \(body.utf8.count)"]
                    + headers
                let text = head.joined(separator: "\r\n") + "\r\n\r\n" + body
                guard SSL_write(tls, Array(text.utf8), Int32(text.utf8.count)) > 0 else { return }
            }
        }
    }

    /// The first whole request of what was received.
    private static func takeRequest(from received: inout [UInt8]) -> Request? {
        let text = String(decoding: received, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let head = String(text[..<end.lowerBound])
        let length = head.firstMatch(of: /(?i)content-length: *(\d+)/).flatMap { Int($0.1) } ?? 0
        let start = head.utf8.count + 4
        guard received.count >= start + length else { return nil }
        let body = String(decoding: received[start..<start + length], as: UTF8.self)
        received.removeFirst(start + length)
        let parts = head.prefix { $0 != "\r\n" }.split(separator: " ")
        guard parts.count >= 2 else { return nil }
        return Request(method: String(parts[0]), target: String(parts[1]), headers: head, body: body)
    }
}
