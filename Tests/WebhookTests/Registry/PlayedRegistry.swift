import Foundation
import Glibc
import Synchronization

/// An HTTP server on loopback, without TLS, that plays what a test wants and records what it was sent.
final class PlayedRegistry: @unchecked Sendable {
    /// A request as it came in.
    struct Received: Sendable {
        let method: String
        let target: String
        let headers: [String: String]
        let body: String

        var path: String { String(target.prefix { $0 != "?" }) }
        var authorization: String? { headers["authorization"] }
    }

    struct Reply: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// Before the answer, in milliseconds.
        var delay: UInt32 = 0

        static func json(_ text: String) -> Reply { Reply(body: Array(text.utf8)) }
    }

    let port: UInt16
    private let listener: Int32
    private let records = Mutex<[Received]>([])
    private let sockets = Mutex<Set<Int32>>([])
    private let handler = Mutex<@Sendable (Received) -> Reply>({ _ in Reply(status: 404) })

    init() throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 128) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRINUSE) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in acceptAll() }
    }

    var host: String { "127.0.0.1:\(port)" }
    var url: String { "http://\(host)" }
    var requests: [Received] { records.withLock { $0 } }
    var paths: [String] { requests.map(\.path) }
    var everythingSent: String {
        requests.map { "\($0.method) \($0.target) \($0.headers) \($0.body)" }.joined(separator: "\n")
    }

    func play(_ handler: @escaping @Sendable (Received) -> Reply) {
        self.handler.withLock { $0 = handler }
    }

    func forget() {
        records.withLock { $0 = [] }
    }

    func stop() {
        // The thread that accepts closes it: its number must not be another's before that thread has ended.
        shutdown(listener, Int32(SHUT_RDWR))
        sockets.withLock { $0.forEach { shutdown($0, Int32(SHUT_RDWR)) } }
    }

    private func acceptAll() {
        while case let socket = accept(listener, nil, nil), socket >= 0 {
            sockets.withLock { _ = $0.insert(socket) }
            Thread.detachNewThread { [self] in
                serve(socket)
                sockets.withLock { _ = $0.remove(socket) }
                close(socket)
            }
        }
        close(listener)
    }

    private func serve(_ socket: Int32) {
        var pending: [UInt8] = []
        while let request = read(socket, &pending) {
            records.withLock { $0.append(request) }
            let reply = handler.withLock { $0 }(request)
            if reply.delay > 0 { usleep(reply.delay * 1000) }
            var head = "HTTP/1.1 \(reply.status) Played\r\nContent-Length: \(reply.body.count)\r\n"
            for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
            guard write(Array((head + "\r\n").utf8) + reply.body, socket) else { return }
        }
    }

    private func read(_ socket: Int32, _ pending: inout [UInt8]) -> Received? {
        var lines: [String] = []
        var end: Int?
        while true {
            if end == nil, let mark = pending.firstRange(of: Array("\r\n\r\n".utf8)) {
                lines = String(decoding: pending[..<mark.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
                let field = lines.first { $0.lowercased().hasPrefix("content-length:") }
                let length = field.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                end = mark.upperBound + length
                pending.removeFirst(mark.upperBound)
                end = length
            }
            if let end, pending.count >= end { break }
            var chunk = [UInt8](repeating: 0, count: 65536)
            let count = recv(socket, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            pending += chunk.prefix(count)
        }
        let body = String(decoding: pending.prefix(end ?? 0), as: UTF8.self)
        pending.removeFirst(end ?? 0)
        let parts = (lines.first ?? "").split(separator: " ").map(String.init)
        guard parts.count == 3 else { return nil }
        let headers = lines.dropFirst().map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return (line[..<colon].lowercased(), line[colon...].dropFirst().trimmingCharacters(in: .whitespaces))
        }
        return Received(
            method: parts[0], target: parts[1], headers: Dictionary(headers, uniquingKeysWith: { $1 }), body: body)
    }

    private func write(_ bytes: [UInt8], _ socket: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
