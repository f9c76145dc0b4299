import Foundation
import JSON
import Synchronization
import Testing

@testable import Webhook
import SecretSpec

/// The built program, as a container runs it.
@Suite(.serialized) struct ProgramTests {
    private static let program: String? = {
        // The test bundle lies beside the executables.
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return ["", "../", "../../", "../../../"].map { folder.appendingPathComponent("\($0)latchkey-webhook").path }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// A running program and what it wrote to stderr.
    private final class Running {
        let process = Process()
        private let errors: URL
        let certificate: TestCertificate

        init(_ program: String, extra: String = "") throws {
            certificate = try TestCertificate()
            errors = certificate.folder.appendingPathComponent("stderr")
            let configuration = certificate.folder.appendingPathComponent("webhook.yaml")
            try """
            agent: { image: "registry.example/agent:1" }
            server:
              address: 127.0.0.1:0
              metricsAddress: 127.0.0.1:0
              drainDelay: 300ms
              drainTimeout: 1s
              tls: { certificateFile: \(certificate.certificateFile), keyFile: \(certificate.keyFile) }
            \(extra)
            """.write(to: configuration, atomically: true, encoding: .utf8)
            try Data().write(to: errors)
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = ["--config", configuration.path]
            process.standardError = try FileHandle(forWritingTo: errors)
            process.environment = [:]
            try process.run()
        }

        deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

        var log: [JSONValue] {
            let bytes = (try? Data(contentsOf: errors)).map { Array($0) } ?? []
            return bytes.split(separator: 0x0A).map { (try? JSONValue(parsing: Array($0))) ?? .null }
        }

        func ports() async throws -> (Int, Int) {
            for _ in 0..<1000 {
                if let line = log.first(where: { $0["message"]?.string == "listening" }),
                    let port = line["port"]?.int, let metrics = line["metricsPort"]?.int
                {
                    return (port, metrics)
                }
                try await Task.sleep(for: .milliseconds(10))
            }
            throw TestFailure("it does not listen: \(log)")
        }

        func signal(_ number: Int32) { kill(process.processIdentifier, number) }

        func status() async throws -> Int32 {
            while process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
            #expect(process.terminationReason == .exit)
            return process.terminationStatus
        }
    }

    @Test(.enabled(if: program != nil)) func sigtermDrainsAndExitsWithZero() async throws {
        let running = try Running(#require(Self.program))
        let (port, metrics) = try await running.ports()
        let context = try running.certificate.clientContext()
        let client = try await TestClient.connect(port: port, tls: context)
        #expect(try await client.exchange(Reviews.request(Reviews.review())).status == 200)
        running.signal(SIGHUP)
        #expect(try await client.exchange(Reviews.request(Reviews.review())).closes == false)
        running.signal(SIGTERM)
        let probe = try await TestClient.connect(port: metrics, tls: nil)
        while try await probe.exchange("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").closes == false {}
        #expect(try await client.exchange(Reviews.request(Reviews.review(uid: "last"))).closes)
        #expect(try await running.status() == 0)
        #expect(running.log.allSatisfy { $0.object != nil })
        #expect(running.log.last?["message"]?.string == "stopped")
    }

    @Test(.enabled(if: program != nil)) func aSecondSignalEndsAtOnce() async throws {
        let running = try Running(#require(Self.program), extra: "  maximumConnections: 100")
        let (port, _) = try await running.ports()
        let client = try await TestClient.connect(port: port, tls: running.certificate.clientContext())
        #expect(try await client.exchange(Reviews.request(Reviews.review())).status == 200)
        running.signal(SIGTERM)
        while !running.log.contains(where: { $0["message"]?.string == "draining" }) {
            try await Task.sleep(for: .milliseconds(2))
        }
        running.signal(SIGTERM)
        #expect(try await running.status() == 0)
        #expect(!running.log.contains { $0["message"]?.string == "stopped" })
    }

    @Test(.enabled(if: program != nil)) func configurationIsCheckedWithoutServing() async throws {
        let program = try #require(Self.program)
        let certificate = try TestCertificate()
        let file = certificate.folder.appendingPathComponent("webhook.yaml")
        func check(_ yaml: String) throws -> Subprocess.Outcome {
            try yaml.write(to: file, atomically: true, encoding: .utf8)
            return try Subprocess.run(
                program,
                [
                    "--config", file.path, "--check-config", "--tls-cert-file", certificate.certificateFile,
                    "--tls-key-file", certificate.keyFile,
                ])
        }
        #expect(try check("agent: { image: a }").status == 0)
        let bad = try check("agent: { imag: a }\nserver: { drainTimeout: x }")
        #expect(bad.status == 1)
        #expect(
            bad.errors.contains("agent.imag: is an unknown key")
                && bad.errors.contains("server.drainTimeout: found 'x'"))
        #expect(try check("agent: { image: a, caBundleFile: /nowhere }").errors.contains("agent.caBundleFile"))
        #expect(try check("agent: [").status == 1)
        #expect(try check("agent: { image: a, caBundleFile: \(certificate.certificateFile) }").status == 0)
        try FileManager.default.removeItem(atPath: certificate.keyFile)
        #expect(try check("agent: { image: a }").errors.contains("server.tls"))
    }

    @Test(.enabled(if: program != nil)) func helpAndVersionArePrinted() throws {
        let program = try #require(Self.program)
        let help = try Subprocess.run(program, ["--help"])
        #expect(help.status == 0 && help.output.contains("--metrics-address"))
        #expect(try Subprocess.run(program, ["--version"]).output == "latchkey-webhook \(Release.version)\n")
        #expect(try Subprocess.run(program, ["--nonsense"]).status == 2)
        #expect(try Subprocess.run(program, []).errors.contains("agent.image: is missing"))
    }
}
