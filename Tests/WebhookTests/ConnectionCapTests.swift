import JSON
import NIOCore
import NIOPosix
import Testing

@testable import Webhook

@Suite(.serialized) struct ConnectionCapTests {
    @Test func theOldestThatProvedNothingGoesFirst() async throws {
        try await TestServer.with {
            $0.server.maximumConnections = 16
        } _: { test in
            let proven = try await test.connect()
            #expect(try await proven.exchange(Reviews.request(Reviews.review())).status == 200)
            var slow: [TestClient] = []
            for _ in 0..<40 {
                let client = try await test.connect()
                try? await client.send("POST /mutate HTTP/1.1\r\nX: ")
                slow.append(client)
            }
            #expect(test.server.connectionCount <= 16)
            #expect(try await proven.exchange(Reviews.request(Reviews.review())).status == 200)
            #expect(try await test.connect().exchange(Reviews.request(Reviews.review())).status == 200)
            #expect(test.metrics.connectionsClosed.value("limit") > 0)
            slow.forEach { $0.close() }
        }
    }

    @Test func amongTheProvenTheLongestIdleGoes() async throws {
        try await TestServer.with {
            $0.server.maximumConnections = 16
        } _: { test in
            var clients: [TestClient] = []
            for _ in 0..<16 {
                let client = try await test.connect()
                #expect(try await client.exchange(Reviews.request(Reviews.review())).status == 200)
                clients.append(client)
            }
            #expect(try await clients[0].exchange(Reviews.request(Reviews.review())).status == 200)
            #expect(try await test.connect().exchange(Reviews.request(Reviews.review())).status == 200)
            #expect(await clients[1].rest().isEmpty)
            for client in [clients[0]] + clients[2...] {
                #expect(try await client.exchange(Reviews.request(Reviews.review())).status == 200)
            }
        }
    }

    @Test func connectionsBeingAnsweredAreNeverThrownOut() async throws {
        let accounts = SlowAccounts(.seconds(3))
        try await TestServer.with(accounts: accounts) {
            $0.server.maximumConnections = 16
        } _: { test in
            var busy: [TestClient] = []
            for index in 0..<16 {
                let client = try await test.connect()
                try await client.send(Reviews.request(Reviews.needingServiceAccount(uid: "\(index)")))
                busy.append(client)
            }
            while accounts.calls.count < 16 { try await Task.sleep(for: .milliseconds(5)) }
            let refused = try? await test.connect().exchange(Reviews.request(Reviews.review()))
            #expect(refused == nil)
            for (index, client) in busy.enumerated() { #expect(try await client.response().uid == "\(index)") }
            #expect(try await test.connect().exchange(Reviews.request(Reviews.review())).status == 200)
        }
    }

    /// A thousand clients that trickle; good ones on old and new connections see nothing of it.
    @Test func aThousandSlowConnectionsDoNotStarveGoodOnes() async throws {
        try await TestServer.with {
            $0.server.maximumConnections = 300
        } _: { test in
            let old = try await test.connect()
            #expect(try await old.exchange(Reviews.request(Reviews.review())).status == 200)
            let port = test.server.port
            let slow = Task {
                await withTaskGroup(of: Void.self) { group in
                    for index in 0..<1000 {
                        group.addTask {
                            guard let client = try? await TestClient.connect(port: port, tls: nil) else { return }
                            while !Task.isCancelled, client.channel.isActive {
                                try? await client.send(index % 2 == 0 ? [] : [0x16])
                                try? await Task.sleep(for: .milliseconds(100))
                            }
                            client.close()
                        }
                    }
                }
            }
            while test.metrics.connectionsAccepted.value("admission") < 900 {
                try await Task.sleep(for: .milliseconds(5))
            }
            for index in 0..<100 {
                let answer = try await old.exchange(Reviews.request(Reviews.review(uid: "\(index)")))
                #expect(answer.uid == "\(index)")
                if index % 10 == 0 {
                    let fresh = try await test.connect()
                    #expect(try await fresh.exchange(Reviews.request(Reviews.review())).status == 200)
                    fresh.close()
                }
            }
            #expect(test.server.connectionCount <= 300)
            slow.cancel()
            await slow.value
        }
    }
}
