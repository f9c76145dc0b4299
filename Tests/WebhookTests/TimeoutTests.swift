import JSON
import NIOCore
import Testing

@testable import Webhook

@Suite struct TimeoutTests {
    private var hasty: ServerLimits {
        var limits = ServerLimits()
        limits.headTimeout = .seconds(2)
        limits.bodyTimeout = .seconds(2)
        return limits
    }

    @Test func defaultsAreAboveAnAPIServersAndSeconds() {
        let limits = ServerLimits()
        #expect(limits.idleTimeout > .seconds(90))
        #expect(limits.headTimeout <= .seconds(10) && limits.bodyTimeout <= .seconds(10))
        #expect(ServiceAccountReader.callerTimeout < .seconds(5))
    }

    @Test func aHeadThatNeverEndsIsCutOff() async throws {
        try await TestServer.with(limits: hasty) { test in
            let client = try await test.connect()
            try await client.send("POST /mutate HTTP/1.1\r\nX-Slow: ")
            let trickle = Task { [channel = client.channel] in
                while channel.isActive {
                    try? await channel.writeAndFlush(ByteBuffer(string: "a"))
                    try? await Task.sleep(for: .milliseconds(50))
                }
            }
            #expect(await client.rest().isEmpty)
            await trickle.value
            #expect(test.metrics.connectionsClosed.value("head-timeout") == 1)
        }
    }

    @Test func aConnectionThatSaysNothingIsCutOff() async throws {
        try await TestServer.with(limits: hasty) { test in
            let silentTCP = try await TestClient.connect(port: test.server.port, tls: nil)
            #expect(await silentTCP.rest().isEmpty)
            #expect(test.metrics.connectionsClosed.value("head-timeout") == 1)
        }
    }

    @Test func aSecondHeadThatNeverEndsIsCutOffLongBeforeTheIdleTime() async throws {
        try await TestServer.with(limits: hasty) { test in
            let client = try await test.connect()
            #expect(try await client.exchange(Reviews.request(Reviews.review())).status == 200)
            try await client.send("POST /mu")
            #expect(await client.rest().isEmpty)
            #expect(test.metrics.connectionsClosed.value("head-timeout") == 1)
        }
    }

    @Test func aBodyThatNeverEndsIsAnswered408() async throws {
        try await TestServer.with(limits: hasty) { test in
            let client = try await test.connect()
            try await client.send(Array(Reviews.request(Reviews.review()).dropLast(1)))
            let answer = try await client.response()
            #expect(answer.status == 408 && answer.closes)
            #expect(test.metrics.connectionsClosed.value("body-timeout") == 1)
        }
    }

    @Test func idleConnectionsOutliveEveryOtherTimeAndThenEnd() async throws {
        var limits = hasty
        limits.idleTimeout = .seconds(6)
        try await TestServer.with(limits: limits) { test in
            let client = try await test.connect()
            #expect(try await client.exchange(Reviews.request(Reviews.review())).status == 200)
            try await Task.sleep(for: .seconds(3))
            #expect(try await client.exchange(Reviews.request(Reviews.review())).status == 200)
            #expect(await client.rest().isEmpty)
            #expect(test.metrics.connectionsClosed.value("idle-timeout") == 1)
            #expect(test.metrics.connectionsClosed.value("head-timeout") == 0)
        }
    }

    @Test func anAnswerThatNobodyTakesEndsTheConnection() async throws {
        var limits = hasty
        limits.writeTimeout = .milliseconds(400)
        try await TestServer.with(limits: limits) { test in
            let client = try await test.connectPlain()
            try await client.channel.setOption(.autoRead, value: false).get()
            // Answers pile up until the kernel takes no more; then nothing further is read.
            let request = Array(String(repeating: "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", count: 1000).utf8)
            let flood = Task { [channel = client.channel] in
                while channel.isActive {
                    guard (try? await channel.writeAndFlush(ByteBuffer(bytes: request))) != nil else { return }
                }
            }
            while test.metrics.connectionsClosed.value("write-timeout") == 0, client.channel.isActive {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(test.metrics.connectionsClosed.value("write-timeout") == 1)
            client.close()
            await flood.value
        }
    }
}
