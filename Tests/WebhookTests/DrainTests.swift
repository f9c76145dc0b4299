import JSON
import NIOCore
import NIOSSL
import Testing

@testable import Webhook

@Suite(.serialized) struct DrainTests {
    @Test func readinessFailsAtOnceAndAnswersSayClose() async throws {
        try await TestServer.with {
            $0.server.drainDelay = .seconds(4)
        } _: { test in
            let old = try await test.connect()
            #expect(try await old.exchange(Reviews.request(Reviews.review())).closes == false)
            let drain = Task { await test.server.drain() }
            while try await test.scrape("/readyz").status == 200 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(try await test.scrape("/livez").status == 200)
            #expect(try await test.once("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n").text.contains("draining"))
            // Still accepted, still answered, for the last time.
            let fresh = try await test.connect().exchange(Reviews.request(Reviews.review(uid: "fresh")))
            #expect(fresh.uid == "fresh" && fresh.closes)
            let last = try await old.exchange(Reviews.request(Reviews.review(uid: "last")))
            #expect(last.uid == "last" && last.closes)
            #expect(await old.rest().isEmpty)
            await drain.value
            await #expect(throws: (any Error).self) { try await test.connect() }
        }
    }

    @Test func idleConnectionsAreLeftToTheirClientsUntilTheDrainTimeIsOver() async throws {
        try await TestServer.with {
            $0.server.drainDelay = .zero
            $0.server.drainTimeout = .milliseconds(800)
        } _: { test in
            let early = try await test.connect()
            let never = try await test.connect()
            for client in [early, never] { _ = try await client.exchange(Reviews.request(Reviews.review())) }
            let drain = Task { await test.server.drain() }
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await early.exchange(Reviews.request(Reviews.review(uid: "late"))).uid == "late")
            #expect(await never.rest().isEmpty)
            await drain.value
        }
    }

    @Test func aReviewUnderWayIsAnswered() async throws {
        let accounts = SlowAccounts(.milliseconds(400))
        try await TestServer.with(accounts: accounts) {
            $0.server.drainDelay = .zero
        } _: { test in
            let client = try await test.connect()
            try await client.send(Reviews.request(Reviews.needingServiceAccount(uid: "under way")))
            while accounts.calls.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            await test.server.drain()
            let answer = try await client.response()
            #expect(answer.uid == "under way" && answer.closes)
        }
    }

    /// Two replicas, clients that open new connections where readiness says so: one replica goes, nobody notices.
    @Test func noRequestFailsWhileAReplicaStops() async throws {
        let certificate = try TestCertificate()
        try await TestServer.with(certificate) {
            $0.server.drainDelay = .seconds(3)
        } _: { first in
            try await TestServer.with(certificate) { second in
                let ports = [first.server.port, second.server.port]
                let context = try certificate.clientContext()
                let firstIsReady = Shared(true)
                let failures = Shared<[String]>([])
                let answered = Shared(0)
                let isOver = Shared(false)
                await withTaskGroup(of: Void.self) { group in
                    for index in 0..<16 {
                        group.addTask {
                            var client: TestClient?
                            var count = 0
                            while !isOver.value {
                                do {
                                    let useFirst = firstIsReady.value && (index + count) % 2 == 0
                                    let open: TestClient
                                    if let client {
                                        open = client
                                    } else {
                                        open = try await TestClient.connect(port: ports[useFirst ? 0 : 1], tls: context)
                                    }
                                    let answer = try await open.exchange(
                                        Reviews.request(Reviews.review(uid: "\(count)")))
                                    if answer.uid != "\(count)" { failures.change { $0.append(answer.text) } }
                                    client = answer.closes ? nil : open
                                    answered.change { $0 += 1 }
                                } catch {
                                    failures.change { $0.append("\(error)") }
                                    client = nil
                                }
                                count += 1
                            }
                            client?.close()
                        }
                    }
                    group.addTask {
                        try? await Task.sleep(for: .milliseconds(300))
                        let drain = Task { await first.server.drain() }
                        while (try? await first.scrape("/readyz").status) == 200 {}
                        firstIsReady.set(false)
                        await drain.value
                        try? await Task.sleep(for: .milliseconds(200))
                        isOver.set(true)
                    }
                }
                #expect(failures.value.isEmpty)
                #expect(answered.value > 100)
            }
        }
    }
}
