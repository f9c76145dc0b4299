import Foundation
import JSON
import NIOCore
import NIOSSL
import Testing

@testable import Webhook

@Suite struct ProtocolTests {
    @Test(arguments: [
        ("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", 200, "ok"),
        ("GET /readyz?verbose HTTP/1.1\r\nHost: x\r\n\r\n", 200, "ok"),
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 404, "/mutate"),
        ("GET /mutate/x HTTP/1.1\r\nHost: x\r\n\r\n", 404, "/mutate"),
        ("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 404, "/mutate"),
        ("GET /mutate HTTP/1.1\r\nHost: x\r\n\r\n", 405, "POST"),
        ("POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405, "GET"),
        ("DELETE /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 405, "POST"),
        ("POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 415, "application/json"),
        ("POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 415, "json"),
        (
            "POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
                + "Content-Length: 2\r\n\r\n{}", 415, "encoding"
        ),
        (
            "POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n", 400,
            "JSON"
        ),
        (
            "POST /mutate HTTP/1.1\r\nContent-Type: application/json;charset=utf-8\r\nContent-Length: 2\r\n\r\n{}", 400,
            "kind"
        ),
        ("NONSENSE\r\n\r\n", 400, "HTTP"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "HTTP"),
        ("GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400, "HTTP"),
        ("POST /mutate HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400, "HTTP"),
        (
            "POST /mutate HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", 400,
            "HTTP"
        ),
        (
            "POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "HTTP"
        ),
        (
            "POST /mutate HTTP/1.1\r\nContent-Type: application/json\r\nExpect: x\r\nContent-Length: 2\r\n\r\n", 417,
            "100"
        ),
        ("CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", 404, "mutate"),
    ])
    func everyFaultHasItsStatusAndSentence(request: String, status: Int, word: String) async throws {
        try await TestServer.with { test in
            let answer = try await test.once(request)
            #expect(answer.status == status, "\(request): \(answer.text)")
            #expect(answer.text.contains(word), "\(answer.text)")
            #expect(answer.header("retry-after") == nil)
            #expect((answer.header("allow") != nil) == (status == 405))
            #expect(try await test.once("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").status == 200)
        }
    }

    @Test func pipelinedRequestsAreAnsweredInTheirOrder() async throws {
        let accounts = SlowAccounts(.milliseconds(50))
        try await TestServer.with(accounts: accounts) { test in
            let client = try await test.connect()
            // The first needs to wait, the others do not.
            try await client.send(
                Reviews.request(Reviews.needingServiceAccount(uid: "1")) + Reviews.request(Reviews.review(uid: "2"))
                    + Array("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n".utf8) + Reviews.request(Reviews.review(uid: "3"))
                    + Array("GARBAGE\r\n\r\n".utf8))
            #expect(try await client.response().uid == "1")
            #expect(try await client.response().uid == "2")
            #expect(try await client.response().text == "ok\n")
            #expect(try await client.response().uid == "3")
            let last = try await client.response()
            #expect(last.status == 400 && last.closes)
        }
    }

    @Test func chunkedBodiesAreTaken() async throws {
        try await TestServer.with { test in
            let body = Reviews.review(uid: "chunked")
            var request = Array(
                ("POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n").utf8)
            for start in stride(from: 0, to: body.count, by: 7) {
                let part = body[start..<min(start + 7, body.count)]
                request += Array("\(String(part.count, radix: 16))\r\n".utf8) + part + Array("\r\n".utf8)
            }
            request += Array("0\r\nTrailer: x\r\n\r\n".utf8)
            let client = try await test.connect()
            #expect(try await client.exchange(request).uid == "chunked")
            #expect(try await client.exchange(request).uid == "chunked")
        }
    }

    @Test func aByteAtATimeIsTaken() async throws {
        try await TestServer.with { test in
            let client = try await test.connect()
            for byte in Reviews.request(Reviews.review(uid: "slow")) { try await client.send([byte]) }
            #expect(try await client.response().uid == "slow")
        }
    }

    @Test func expectationOf100IsMetBeforeTheBody() async throws {
        try await TestServer.with { test in
            let client = try await test.connect()
            let body = Reviews.review(uid: "expect")
            let request = Reviews.request(body, headers: "Expect: 100-continue\r\n")
            try await client.send(Array(request.dropLast(body.count)))
            #expect(try await client.response().status == 100)
            #expect(try await client.exchange(body).uid == "expect")
        }
    }

    @Test func http10AndConnectionCloseEndTheConnection() async throws {
        try await TestServer.with { test in
            let body = Reviews.review(uid: "old")
            let old = try await test.connect()
            let head =
                "POST /mutate HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
            let answer = try await old.exchange(Array(head.utf8) + body)
            #expect(answer.uid == "old" && answer.closes)
            #expect(await old.rest().isEmpty)
            let polite = try await test.connect()
            let last = try await polite.exchange(Reviews.request(body, headers: "Connection: close\r\n"))
            #expect(last.uid == "old" && last.closes)
            #expect(await polite.rest().isEmpty)
            let upgrade = try await test.connect()
            let refused = try await upgrade.exchange(
                "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n")
            #expect(refused.status == 200 && refused.closes)
        }
    }

    @Test func headHasNoBody() async throws {
        try await TestServer.with { test in
            let client = try await test.connect()
            let head = Array("HEAD /readyz HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
            let answer = try await client.exchange(head, withoutBody: true)
            #expect(answer.status == 200 && answer.header("content-length") == "3")
            #expect(try await client.exchange("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").text == "ok\n")
        }
    }

    @Test func bodiesAreTakenUpToSevenMebibytesAndNotAByteMore() async throws {
        try await TestServer.with { test in
            let limit = 7 << 20
            let review = Reviews.review(uid: "large")
            let padded = review + Array(repeating: 0x20, count: limit - review.count)
            let client = try await test.connect()
            #expect(try await client.exchange(Reviews.request(padded)).uid == "large")
            #expect(try await client.exchange(Reviews.request(Reviews.review())).status == 200)

            let announced = try await test.connect().exchange(Reviews.request(padded + [0x20]))
            #expect(announced.status == 413 && announced.closes && announced.message?.contains("7Mi") == true)

            let chunked = try await test.connect()
            let head = "POST /mutate HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            let chunk =
                Array("\(String(limit + 1, radix: 16))\r\n".utf8) + padded + [0x20] + Array("\r\n0\r\n\r\n".utf8)
            #expect(try await chunked.exchange(Array(head.utf8) + chunk).status == 413)
        }
    }

    @Test func headsAreBounded() async throws {
        try await TestServer.with { test in
            let large = "X-Large: \(String(repeating: "a", count: 20_000))\r\n"
            let many = (0..<100).map { "X-\($0): a\r\n" }.joined()
            let medium = (0..<40).map { "X-\($0): \(String(repeating: "b", count: 1000))\r\n" }.joined()
            for headers in [large, many, medium] {
                let answer = try await test.once("GET /livez HTTP/1.1\r\nHost: x\r\n\(headers)\r\n")
                #expect(answer.status == 431 && answer.closes, "\(answer.text)")
            }
            let fine = String(repeating: "c", count: 10_000)
            #expect(try await test.once("GET /livez HTTP/1.1\r\nHost: x\r\nX: \(fine)\r\n\r\n").status == 200)
        }
    }

    @Test func largeBodiesHaveABudget() async throws {
        var limits = ServerLimits()
        limits.sharedBodyBytes = 300_000
        try await TestServer.with(limits: limits) { test in
            let holder = try await test.connect()
            let body = Reviews.review(uid: "held") + Array(repeating: 0x20, count: 200_000)
            try await holder.send(Array(Reviews.request(body).dropLast(1)))
            // Until the server has received it, a second one may still fit.
            var refused = 0
            for _ in 0..<50 where refused == 0 {
                let answer = try await test.connect().exchange(Reviews.request(body))
                if answer.status == 503 { refused += 1 }
                #expect(answer.header("retry-after") == nil)
            }
            #expect(refused == 1)
            #expect(try await test.connect().exchange(Reviews.request(Reviews.review())).status == 200)
            #expect(try await holder.exchange([0x20]).uid == "held")
            #expect(try await test.connect().exchange(Reviews.request(body)).uid == "held")
        }
    }
}
