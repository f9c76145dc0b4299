import Foundation
import Glibc
import Synchronization

/// A server on 127.0.0.1 that answers every request with the same bytes, and keeps the heads that it was sent.
final class ReactLoopbackServer: Sendable {
    enum Answer: Sendable {
        case bytes(String)
        /// The connection stays open and silent.
        case silence
        /// A reset after the request.
        case reset
    }

    let port: UInt16
    private let listener: Int32
    private let heads = Mutex<[String]>([])

    init(_ answer: Answer, port wanted: UInt16 = 0) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = wanted.bigEndian
        var reuse: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, generic, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRINUSE) }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                serve(connection, answer)
            }
            close(listener)
        }
    }

    /// Nobody listens afterwards.
    func stop() {
        // Its thread closes it: until then the number must not be another socket's.
        shutdown(listener, Int32(SHUT_RDWR))
    }

    var requests: [String] { heads.withLock { $0 } }

    private func serve(_ connection: Int32, _ answer: Answer) {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8), recv(connection, &byte, 1, 0) == 1 { head.append(byte) }
        heads.withLock { $0.append(String(decoding: head, as: UTF8.self)) }
        switch answer {
        case .bytes(let text):
            _ = text.withCString { send(connection, $0, text.utf8.count, Int32(MSG_NOSIGNAL)) }
        case .silence:
            while recv(connection, &byte, 1, 0) == 1 {}
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        }
        close(connection)
    }
}
