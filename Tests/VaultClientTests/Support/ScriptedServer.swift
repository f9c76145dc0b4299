import COpenSSL
import Foundation
import Glibc
import Synchronization

/// An HTTPS server on loopback that plays what a test wants, faults included, and records what it was sent.
final class ScriptedServer: @unchecked Sendable {
    /// A request as it came in.
    struct Received: Sendable {
        let method: String
        let target: String
        let headers: [(name: String, value: String)]
        let body: String
        /// Which connection it came on, from 1.
        let connection: Int

        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }

        var path: String { String(target.prefix { $0 != "?" }) }
        /// Everything that was sent, for searches.
        var text: String { "\(method) \(target)\n\(headers.map { "\($0): \($1)" }.joined(separator: "\n"))\n\n\(body)" }
    }

    /// What is played.
    struct Reply: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// Before the answer, in milliseconds.
        var delay = 0
        /// The connection is reset after so many bytes of the body.
        var resetAfter: Int?
        /// Sent instead of everything else.
        var raw: String?

        static func json(_ text: String, status: Int = 200, headers: [(String, String)] = []) -> Reply {
            Reply(status: status, headers: headers + [("Content-Type", "application/json")], body: Array(text.utf8))
        }
    }

    typealias Handler = @Sendable (Received) -> Reply

    let port: UInt16
    private let listener: Int32
    private let context: OpaquePointer
    private let handler: Handler
    private let records = Mutex<[Received]>([])
    private let sockets = Mutex<(open: Set<Int32>, count: Int)>(([], 0))

    init(
        _ identity: TestAuthority.Identity, chain: [TestAuthority.Identity] = [], maximumVersion: Int32 = 0,
        handler: @escaping Handler
    ) throws {
        guard let context = SSL_CTX_new(TLS_server_method()) else { throw POSIXError(.ENOMEM) }
        SSL_CTX_use_certificate(context, identity.certificate)
        SSL_CTX_use_PrivateKey(context, identity.key)
        for issuer in chain {
            X509_up_ref(issuer.certificate)
            SSL_CTX_ctrl(context, SSL_CTRL_EXTRA_CHAIN_CERT, 0, UnsafeMutableRawPointer(issuer.certificate))
        }
        if maximumVersion != 0 {
            SSL_CTX_set_security_level(context, 0)
            SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, 0x0301, nil)
            SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(maximumVersion), nil)
        }
        self.context = context
        self.handler = handler
        (listener, port) = try Loopback.listen()
        Thread.detachNewThread { [self] in acceptAll() }
    }

    deinit {
        SSL_CTX_free(context)
    }

    var requests: [Received] { records.withLock { $0 } }
    var connectionCount: Int { sockets.withLock { $0.count } }
    var url: String { "https://127.0.0.1:\(port)" }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        sockets.withLock { $0.open.forEach { shutdown($0, Int32(SHUT_RDWR)) } }
    }

    private func acceptAll() {
        Loopback.ignoreBrokenPipes()
        while case let socket = accept(listener, nil, nil), socket >= 0 {
            let number = sockets.withLock { sockets in
                sockets.open.insert(socket)
                sockets.count += 1
                return sockets.count
            }
            Thread.detachNewThread { [self] in
                Loopback.ignoreBrokenPipes()
                serve(socket, number)
                sockets.withLock { _ = $0.open.remove(socket) }
                close(socket)
            }
        }
    }

    private func serve(_ socket: Int32, _ number: Int) {
        guard let tls = SSL_new(context) else { return }
        defer { SSL_free(tls) }
        SSL_set_fd(tls, socket)
        guard SSL_accept(tls) == 1 else { return }
        var pending: [UInt8] = []
        while let request = read(tls, &pending, number) {
            records.withLock { $0.append(request) }
            let reply = handler(request)
            if reply.delay > 0 { usleep(UInt32(reply.delay) * 1000) }
            guard write(reply, tls, socket) else { return }
        }
        SSL_shutdown(tls)
    }

    private func read(_ tls: OpaquePointer, _ pending: inout [UInt8], _ number: Int) -> Received? {
        let mark = Array("\r\n\r\n".utf8)
        var head: Range<Int>?
        var length = 0
        var lines: [String] = []
        while true {
            if head == nil, let end = pending.firstRange(of: mark) {
                head = 0..<end.lowerBound
                lines = String(decoding: pending[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
                let field = lines.first { $0.lowercased().hasPrefix("content-length:") }
                length = field.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
            }
            if let head, pending.count >= head.upperBound + 4 + length { break }
            var chunk = [UInt8](repeating: 0, count: 16384)
            let count = SSL_read(tls, &chunk, Int32(chunk.count))
            guard count > 0 else { return nil }
            pending += chunk.prefix(Int(count))
        }
        guard let head else { return nil }
        let end = head.upperBound + 4 + length
        let body = String(decoding: pending[(head.upperBound + 4)..<end], as: UTF8.self)
        pending.removeFirst(end)
        let parts = lines[0].split(separator: " ").map(String.init)
        let headers = lines.dropFirst().map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return (String(line[..<colon]), line[colon...].dropFirst().trimmingCharacters(in: .whitespaces))
        }
        return Received(
            method: parts.first ?? "", target: parts.count > 1 ? parts[1] : "", headers: headers, body: body,
            connection: number)
    }

    /// False where the connection is over.
    private func write(_ reply: Reply, _ tls: OpaquePointer, _ socket: Int32) -> Bool {
        if let raw = reply.raw {
            send(Array(raw.utf8), tls)
            return false
        }
        var head = "HTTP/1.1 \(reply.status) Played\r\nContent-Length: \(reply.body.count)\r\n"
        for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
        send(Array((head + "\r\n").utf8), tls)
        guard let count = reply.resetAfter else { return send(reply.body, tls) }
        send(Array(reply.body.prefix(count)), tls)
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        return false
    }

    @discardableResult
    private func send(_ bytes: [UInt8], _ tls: OpaquePointer) -> Bool {
        bytes.isEmpty || SSL_write(tls, bytes, Int32(bytes.count)) > 0
    }
}
