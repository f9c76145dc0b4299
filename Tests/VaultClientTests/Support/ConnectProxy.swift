import Foundation
import Glibc
import Synchronization

/// An HTTP proxy for CONNECT on loopback: tunnels every target to one port, or refuses.
final class ConnectProxy: @unchecked Sendable {
    let port: UInt16
    private let listener: Int32
    private let target: UInt16
    private let refusal: Int?
    private let seen = Mutex<[String]>([])

    init(to target: UInt16, refusing refusal: Int? = nil) throws {
        (listener, port) = try Loopback.listen()
        self.target = target
        self.refusal = refusal
        Thread.detachNewThread { [self] in
            Loopback.ignoreBrokenPipes()
            while case let client = accept(listener, nil, nil), client >= 0 {
                Thread.detachNewThread { [self] in
                    Loopback.ignoreBrokenPipes()
                    serve(client)
                }
            }
        }
    }

    /// The first lines of what was asked.
    var requests: [String] { seen.withLock { $0 } }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ client: Int32) {
        defer { close(client) }
        var head = ""
        var byte: UInt8 = 0
        while !head.hasSuffix("\r\n\r\n"), read(client, &byte, 1) == 1 {
            head.unicodeScalars.append(Unicode.Scalar(byte))
        }
        seen.withLock { $0.append(head.components(separatedBy: "\r\n")[0]) }
        if let refusal {
            send("HTTP/1.1 \(refusal) Refused\r\nContent-Length: 0\r\n\r\n", client)
            return
        }
        let server = Loopback.connect(target)
        guard server >= 0 else { return }
        defer { close(server) }
        send("HTTP/1.1 200 Connected\r\n\r\n", client)
        var buffer = [UInt8](repeating: 0, count: 16384)
        var sockets = [
            pollfd(fd: client, events: Int16(POLLIN), revents: 0),
            pollfd(fd: server, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&sockets, 2, 10_000) > 0 {
            for index in 0..<2 where sockets[index].revents != 0 {
                let count = read(sockets[index].fd, &buffer, buffer.count)
                guard count > 0, write(sockets[1 - index].fd, buffer, count) == count else { return }
            }
        }
    }

    private func send(_ text: String, _ socket: Int32) {
        _ = write(socket, text, text.utf8.count)
    }
}
