import JSON
import Foundation
import NIOCore
import NIOSSL
import Testing

@testable import Webhook

@Suite(.serialized) struct CertificateTests {
    private func waitUntil(_ condition: () async throws -> Bool) async throws {
        for _ in 0..<1000 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw TestFailure("the condition did not come true")
    }

    /// As a kubelet does it: a new folder, then the link `..data` is swapped.
    @Test func aSwapUnderLoadBreaksNoHandshakeAndNoRequest() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("latchkey-swap-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let generations = try (0..<6).map { try TestCertificate(in: folder.appendingPathComponent("..\($0)")) }
        func publish(_ index: Int) throws {
            let link = folder.appendingPathComponent("..data_tmp").path
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "..\(index)")
            #expect(rename(link, folder.appendingPathComponent("..data").path) == 0)
        }
        try publish(0)
        let context = try TestCertificate.clientContext(trusting: generations.map(\.certificateFile))
        try await TestServer.with(generations[0]) {
            $0.server.certificateFile = folder.appendingPathComponent("..data/tls.crt").path
            $0.server.keyFile = folder.appendingPathComponent("..data/tls.key").path
        } _: { test in
            let isOver = Shared(false)
            let failures = Shared<[String]>([])
            let port = test.server.port
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        var kept: TestClient?
                        while !isOver.value {
                            do {
                                let client: TestClient
                                if let kept {
                                    client = kept
                                } else {
                                    client = try await TestClient.connect(port: port, tls: context)
                                }
                                let answer = try await client.exchange(Reviews.request(Reviews.review()))
                                if answer.status != 200 { failures.change { $0.append(answer.text) } }
                                if worker == 0 { kept = client } else { client.close() }
                            } catch {
                                failures.change { $0.append("\(error)") }
                            }
                        }
                        kept?.close()
                    }
                }
                for index in 1..<6 {
                    try publish(index)
                    let only = try generations[index].clientContext()
                    try await waitUntil {
                        let client = try await TestClient.connect(port: port, tls: only)
                        defer { client.close() }
                        return (try? await client.exchange("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").status) == 200
                    }
                }
                isOver.set(true)
                try await group.waitForAll()
            }
            #expect(failures.value.isEmpty)
            #expect(test.metrics.certificateReloads.value("success") == 5)
        }
    }

    @Test func aBrokenPairKeepsTheOldOneAndIsReportedOnce() async throws {
        let other = try TestCertificate()
        try await TestServer.with { test in
            let good = try Data(contentsOf: URL(fileURLWithPath: test.certificate.certificateFile))
            let file = URL(fileURLWithPath: test.certificate.certificateFile)
            var reports: UInt64 = 0
            let broken: [Data?] = [
                Data("no PEM".utf8), try Data(contentsOf: URL(fileURLWithPath: other.certificateFile)), Data(), nil,
                good.prefix(good.count / 2),
            ]
            for content in broken {
                if let content {
                    try content.write(to: file, options: .atomic)
                } else {
                    try FileManager.default.removeItem(at: file)
                }
                reports += 1
                try await waitUntil { test.metrics.certificateReloads.value("failure") == reports }
                try await Task.sleep(for: .milliseconds(80))
                #expect(test.metrics.certificateReloads.value("failure") == reports)
                #expect(try await test.once("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n").status == 200)
            }
            let lines = test.sink.lines.filter { $0["level"]?.string == "error" }
            #expect(lines.count == broken.count)
            #expect(lines.allSatisfy { $0["problem"]?.string?.isEmpty == false })
            #expect(lines[1]["problem"]?.string?.contains("does not belong") == true)
            #expect(!test.sink.text.contains("PRIVATE KEY"))

            let key = try Data(contentsOf: URL(fileURLWithPath: other.keyFile))
            try key.write(to: URL(fileURLWithPath: test.certificate.keyFile))
            try Data(contentsOf: URL(fileURLWithPath: other.certificateFile)).write(to: file)
            try await waitUntil { test.metrics.certificateReloads.value("success") == 1 }
            let client = try await TestClient.connect(port: test.server.port, tls: other.clientContext())
            #expect(try await client.exchange("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").status == 200)
        }
    }

    @Test func anExpiredCertificateFailsReadinessButNotLiveness() async throws {
        try await TestServer.with(TestCertificate(days: -1)) { test in
            let ready = try await test.scrape("/readyz")
            #expect(ready.status == 503 && ready.text.contains("certificate"))
            #expect(try await test.scrape("/livez").status == 200)
            let metrics = try await test.scrape("/metrics").text
            #expect(metrics.contains("latchkey_certificate_expiry_timestamp_seconds 1577923200\n"))
            #expect(metrics.contains("latchkey_ready 0\n"))
        }
    }

    @Test func aServerWithoutACertificateDoesNotStart() async throws {
        let certificate = try TestCertificate()
        var configuration = TestServer.configuration(certificate)
        configuration.server.keyFile = "/nowhere/tls.key"
        await #expect(throws: WebhookStartError.self) {
            _ = try await WebhookServer.start(configuration, serviceAccounts: FixedServiceAccounts())
        }
    }

    @Test func aTakenPortIsNamed() async throws {
        try await TestServer.with { test in
            var configuration = TestServer.configuration(test.certificate)
            configuration.server.metricsAddress.port = test.server.port
            do throws(WebhookStartError) {
                _ = try await WebhookServer.start(configuration, serviceAccounts: FixedServiceAccounts())
                Issue.record("it started")
            } catch {
                #expect(error.description.hasPrefix("server.metricsAddress: cannot listen on 127.0.0.1:"))
            }
        }
    }
}
