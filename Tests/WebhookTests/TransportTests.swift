import JSON
import Foundation
import NIOCore
import NIOSSL
import Testing

@testable import Webhook

@Suite struct TransportTests {
    private func handshake(_ test: TestServer, _ arguments: [String]) throws -> String {
        let base = [
            "s_client", "-connect", "127.0.0.1:\(test.server.port)", "-CAfile", test.certificate.certificateFile,
        ]
        let result = try Subprocess.run("/usr/bin/openssl", base + ["-verify_return_error"] + arguments)
        return result.output + result.errors
    }

    @Test func tls12And13AreSpokenAndNothingOlder() async throws {
        try await TestServer.with { test in
            let (older, newer) = (try handshake(test, ["-tls1_2"]), try handshake(test, ["-tls1_3"]))
            #expect(older.contains("Protocol  : TLSv1.2") && newer.contains("TLSv1.3"))
            let old = try handshake(test, ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
            #expect(old.contains("alert") && old.contains("Cipher is (NONE)"))
            #expect(test.metrics.handshakeFailures.value() > 0)
        }
    }

    @Test func http11IsChosenWhateverElseIsOffered() async throws {
        try await TestServer.with { test in
            let chosen: [([String], String)] = [
                (["-alpn", "h2,http/1.1"], "ALPN protocol: http/1.1"),
                (["-alpn", "http/1.1"], "ALPN protocol: http/1.1"), (["-alpn", "h2"], "No ALPN negotiated"),
                ([], "No ALPN negotiated"),
            ]
            for (arguments, words) in chosen {
                let output = try handshake(test, arguments)
                #expect(output.contains(words), "\(arguments)")
            }
        }
    }

    @Test func curlIsServed() async throws {
        try await TestServer.with { test in
            let result = try Subprocess.run(
                "/usr/bin/curl",
                [
                    "-sS", "--cacert", test.certificate.certificateFile, "-w", " %{http_version}",
                    "https://localhost:\(test.server.port)/readyz",
                ])
            #expect(result.output == "ok\n 1.1", "\(result.errors)")
        }
    }

    @Test func garbageOnTheTLSPortHurtsNobody() async throws {
        try await TestServer.with { test in
            let good = try await test.connect()
            #expect(try await good.exchange(Reviews.request(Reviews.review())).status == 200)
            var noise = SystemRandomNumberGenerator()
            for round in 0..<60 {
                let client = try await TestClient.connect(port: test.server.port, tls: nil)
                switch round % 4 {
                case 0: try? await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                case 1: try? await client.send((0..<1000).map { _ in UInt8.random(in: 0...255, using: &noise) })
                case 2: try? await client.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03])
                default: break
                }
                client.close()
            }
            #expect(try await good.exchange(Reviews.request(Reviews.review())).status == 200)
            #expect(try await test.connect().exchange(Reviews.request(Reviews.review())).status == 200)
        }
    }

    @Test func clientsThatVanishInTheMiddleHurtNobody() async throws {
        try await TestServer.with(accounts: SlowAccounts(.milliseconds(30))) { test in
            let whole = Reviews.request(Reviews.needingServiceAccount())
            for cut in stride(from: 0, to: whole.count + 1, by: max(1, whole.count / 40)) {
                let client = try await test.connect()
                try await client.send(Array(whole[..<cut]))
                client.close()
            }
            #expect(try await test.connect().exchange(Reviews.request(Reviews.review())).status == 200)
            while test.server.connectionCount > 1 { try await Task.sleep(for: .milliseconds(10)) }
        }
    }
}
