import Foundation
import Glibc
import Synchronization
import Testing

@testable import Agent

@Suite("The agent's port")
struct ServeLocalServerTests {
    static let large = String(repeating: "latchkey_agent 1\n", count: 60_000)

    static func answer(_ request: LocalRequest) -> LocalAnswer? {
        switch request.path {
        case "/healthz": .line(200, "ok")
        case "/restart/web": .line(500, "restart")
        // More than the kernel keeps for a client that does not read.
        case "/huge": LocalAnswer(status: 200, body: String(repeating: large, count: 20))
        case "/large": LocalAnswer(status: 200, contentType: AgentMetrics.contentType, body: large)
        default: nil
        }
    }

    /// One turn of an owner's loop that has nothing else to do.
    static func turn(_ server: LocalServer, at now: ContinuousClock.Instant = .now, wait milliseconds: Int32 = 0) {
        var polled = server.pollDescriptors
        poll(&polled, nfds_t(polled.count), milliseconds)
        server.handle(polled, at: now, answer: answer)
    }

    /// Turns until something holds.
    static func turn(_ server: LocalServer, until condition: () -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !condition() {
            guard ContinuousClock.now < deadline else { throw POSIXError(.ETIMEDOUT) }
            turn(server, wait: 1)
        }
    }

    /// A server at work on a thread of its own while `body` runs.
    static func serving<Result>(_ body: (UInt16) throws -> Result) throws -> Result {
        let running = Running()
        running.start()
        defer { running.stop() }
        return try body(try running.port())
    }

    /// Keeps a server's loop going.
    final class Running: Sendable {
        private let state = Mutex<(port: UInt16?, isOver: Bool)>((nil, false))

        func start() {
            Thread.detachNewThread { [self] in
                guard let server = try? LocalServer(port: 0) else { return }
                state.withLock { $0.port = server.port }
                while !state.withLock({ $0.isOver }) { turn(server, wait: 20) }
            }
        }

        func port() throws -> UInt16 {
            let deadline = ContinuousClock.now + .seconds(60)
            while ContinuousClock.now < deadline {
                if let port = state.withLock({ $0.port }) { return port }
                usleep(1000)
            }
            throw POSIXError(.ETIMEDOUT)
        }

        func stop() { state.withLock { $0.isOver = true } }
    }

    static func curl(_ arguments: String...) throws -> String {
        let curl = try #require(Program.tool("curl"))
        let outcome = try curl.run(["-sS", "--noproxy", "*", "-m", "60"] + arguments)
        return outcome.output + (outcome.status == 0 ? "" : "curl \(outcome.status): \(outcome.errors)")
    }

    @Test("curl is answered", .enabled(if: Program.tool("curl") != nil, "needs curl"))
    func curl() throws {
        try Self.serving { port in
            let url = "http://127.0.0.1:\(port)"
            #expect(try Self.curl("\(url)/healthz") == "ok\n")
            #expect(try Self.curl("--http1.0", "\(url)/healthz?verbose") == "ok\n")
            #expect(try Self.curl("-w", " %{http_code}", "\(url)/restart/web") == "restart\n 500")
            #expect(try Self.curl("-w", " %{http_code}", "\(url)/nothing") == "Not Found\n 404")
            #expect(try Self.curl("-w", " %{http_code}", "-d", "x=y", "\(url)/healthz") == "Method Not Allowed\n 405")
            let long = String(repeating: "x", count: 5000)
            #expect(
                try Self.curl("-w", " %{http_code}", "\(url)/\(long)") == "Request Header Fields Too Large\n 431")
            let head = try Self.curl("-I", "\(url)/healthz")
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.contains("Content-Length: 3\r\n"))
            #expect(head.contains("Connection: close\r\n") && head.hasSuffix("\r\n\r\n"))
            #expect(try Self.curl("\(url)/large") == Self.large)
            // Two connections, for the first is closed.
            #expect(try Self.curl("\(url)/healthz", "\(url)/healthz") == "ok\nok\n")
            #expect(try Self.curl("-k", "https://127.0.0.1:\(port)/").hasPrefix("curl 35"))
        }
    }

    @Test(
        "IPv6 is answered by the same port",
        .enabled(if: access("/proc/net/if_inet6", R_OK) == 0 && Program.tool("curl") != nil, "needs IPv6 and curl"))
    func version6() throws {
        let said = try Self.serving { port in try Self.curl("http://[::1]:\(port)/healthz") }
        #expect(said == "ok\n")
    }

    @Test("a client that sends more than it is asked for still gets the whole answer")
    func unreadInput() throws {
        try Self.serving { port in
            let body = String(repeating: "b", count: 30_000)
            let client = try ServeClient(port)
            client.send("POST /healthz HTTP/1.1\r\nContent-Length: 30000\r\n\r\n" + body)
            #expect(client.receive()?.hasPrefix("HTTP/1.1 405 ") == true)
            let long = try ServeClient(port)
            long.send("GET /healthz HTTP/1.1\r\nA: " + body)
            #expect(long.receive()?.hasPrefix("HTTP/1.1 431 ") == true)
            let large = try ServeClient(port)
            large.send("GET /large HTTP/1.1\r\n\r\n" + body)
            #expect(large.receive()?.hasSuffix(Self.large) == true)
        }
    }

    @Test("a head may come byte by byte")
    func slowly() throws {
        let server = try LocalServer(port: 0)
        let client = try ServeClient(server.port)
        for byte in "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" {
            client.send(String(byte))
            Self.turn(server)
        }
        try Self.turn(server) { client.isEnded || server.pollDescriptors.count == 2 }
        shutdown(client.descriptor, Int32(SHUT_WR))
        try Self.turn(server) { server.pollDescriptors.count == 1 }
        #expect(client.receive()?.hasSuffix("\r\n\r\nok\n") == true)
    }

    @Test("whoever sends nothing, never ends, or does not read, goes after five seconds and delays nobody")
    func slow() throws {
        let server = try LocalServer(port: 0)
        #expect(server.nextDeadline == nil && server.pollDescriptors.count == 1)
        let start = ContinuousClock.now
        let silent = try ServeClient(server.port)
        let partial = try ServeClient(server.port)
        partial.send("GET /healthz HTTP/1.1\r\n")
        let unread = try ServeClient(server.port, receiveBuffer: 4096)
        unread.send("GET /huge HTTP/1.1\r\n\r\n")
        for _ in 0..<6000 where server.pollDescriptors.count < 4 { Self.turn(server, at: start, wait: 10) }
        for _ in 0..<50 { Self.turn(server, at: start, wait: 1) }
        #expect(server.pollDescriptors.contains { $0.events == Int16(POLLOUT) })
        #expect(server.nextDeadline == start + .seconds(5))

        let late = start + .seconds(4)
        let good = try ServeClient(server.port)
        good.send("GET /healthz HTTP/1.1\r\n\r\n")
        for _ in 0..<6000 where server.pollDescriptors.count < 5 { Self.turn(server, at: late, wait: 10) }
        for _ in 0..<20 { Self.turn(server, at: late, wait: 1) }
        #expect(!silent.isEnded && !partial.isEnded)
        Self.turn(server, at: start + .seconds(5))
        #expect(server.nextDeadline == late + .seconds(5) && server.pollDescriptors.count == 2)
        #expect(silent.isEnded && partial.isEnded)
        #expect(good.receive()?.hasSuffix("ok\n") == true)
        Self.turn(server, at: late + .seconds(5))
        #expect(server.nextDeadline == nil && server.pollDescriptors.count == 1)
    }

    @Test("sixteen connections at most: the oldest makes room")
    func many() throws {
        let server = try LocalServer(port: 0)
        var clients: [ServeClient] = []
        for _ in 0..<60 {
            clients.append(try ServeClient(server.port))
            Self.turn(server, wait: 1000)
            #expect(server.pollDescriptors.count <= 17)
        }
        #expect(server.pollDescriptors.count == 17)
        #expect(clients.map(\.isEnded) == [Bool](repeating: true, count: 44) + [Bool](repeating: false, count: 16))
        let good = try ServeClient(server.port)
        good.send("GET /healthz HTTP/1.1\r\n\r\n")
        try Self.turn(server) { good.isReadable }
        #expect(clients[44].isEnded && !clients[45].isEnded)
    }

    @Test("whoever drops the connection is forgotten, whatever the server was about to send")
    func dropped() throws {
        let server = try LocalServer(port: 0)
        for text in ["", "GET", "GET /huge HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}"] {
            for isReset in [true, false] {
                let client = try ServeClient(server.port, receiveBuffer: 4096)
                client.send(text)
                Self.turn(server, wait: 1000)
                var linger = linger(l_onoff: isReset ? 1 : 0, l_linger: 0)
                setsockopt(
                    client.descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
                shutdown(client.descriptor, Int32(SHUT_RDWR))
            }
        }
        try Self.turn(server) { server.pollDescriptors.count == 1 }
    }

    @Test("garbage is answered with 400, and nothing is left of it")
    func garbage() throws {
        let server = try LocalServer(port: 0)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let client = try ServeClient(server.port)
            var bytes = (0..<Int.random(in: 1...200, using: &random)).map { _ in UInt8.random(in: 0...255) }
            bytes.append(0)
            _ = bytes.withUnsafeBytes { Glibc.send(client.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            shutdown(client.descriptor, Int32(SHUT_WR))
            try Self.turn(server) { client.isReadable }
            #expect(client.receive()?.hasPrefix("HTTP/1.1 400 Bad Request\r\n") == true)
        }
        try Self.turn(server) { server.pollDescriptors.count == 1 }
    }

    @Test("a port that is taken is said, with what helps")
    func taken() throws {
        let server = try LocalServer(port: 0)
        let error = #expect(throws: ServeError.inUse(port: server.port)) { _ = try LocalServer(port: server.port) }
        let sentence = "\(try #require(error))"
        #expect(sentence.contains("agent.port"))
    }

    @Test("without a descriptor left the server pauses instead of spinning, and goes on")
    func noDescriptors() throws {
        let server = try LocalServer(port: 0)
        let client = try ServeClient(server.port)
        client.send("GET /healthz HTTP/1.1\r\n\r\n")
        var polled = server.pollDescriptors
        poll(&polled, 1, 60_000)
        let now = ContinuousClock.now
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        var none = rlimit(rlim_cur: 3, rlim_max: limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &none)
        server.handle(polled, at: now, answer: Self.answer)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #expect(server.pollDescriptors.isEmpty)
        let resume = try #require(server.nextDeadline)
        #expect(resume > now)
        Self.turn(server, at: resume)
        try Self.turn(server) { client.isReadable }
        #expect(client.receive()?.hasSuffix("ok\n") == true)
    }
}

extension ServeClient {
    var isReadable: Bool {
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&event, 1, 0) == 1
    }
}
