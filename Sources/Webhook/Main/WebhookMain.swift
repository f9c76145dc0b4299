import CLinux
import Glibc
import NIOPosix
import SecretSpec

/// The program `latchkey-webhook`.
public enum WebhookMain {
    /// Runs with the process's own arguments and environment; see ``run(arguments:environment:)``.
    public static func run() -> Int32 {
        var environment: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { environment[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return run(arguments: Array(CommandLine.arguments.dropFirst()), environment: environment)
    }

    /// Runs until a signal ends it.
    ///
    /// - Parameter arguments: without the program's name.
    /// - Returns: the exit status: 0 after a drain, 1 where it did not start, 2 for wrong flags.
    public static func run(arguments: [String], environment: [String: String]) -> Int32 {
        let parsed: WebhookArguments
        do throws(ConfigurationProblems) {
            parsed = try WebhookArguments.parse(arguments)
        } catch {
            complain(error.description)
            return 2
        }
        switch parsed.action {
        case .help:
            print(WebhookArguments.help, terminator: "")
            return 0
        case .version:
            print("latchkey-webhook \(Release.version)")
            return 0
        case .checkConfiguration, .serve: break
        }
        do throws(ConfigurationProblems) {
            let configuration = try WebhookConfiguration.load(parsed)
            return parsed.action == .serve ? serve(configuration, environment) : check(configuration)
        } catch {
            complain(error.description)
            return 1
        }
    }

    private static func check(_ configuration: WebhookConfiguration) -> Int32 {
        let server = configuration.server
        do throws(CertificatePair.Failure) {
            let files = try CertificatePair.readFiles(certificate: server.certificateFile, key: server.keyFile)
            _ = try CertificatePair(files, certificatePath: server.certificateFile, keyPath: server.keyFile)
        } catch {
            complain("server.tls: \(error)")
            return 1
        }
        print("the configuration is good")
        return 0
    }

    private static func serve(_ configuration: WebhookConfiguration, _ environment: [String: String]) -> Int32 {
        guard lk_silence_crashes() == 0 else {
            complain("cannot switch core dumps off: \(String(cString: strerror(errno)))")
            return 1
        }
        // Before any thread is made: they inherit the mask, so signals wait for this thread.
        let signals = SignalWaiter()
        raiseDescriptorLimit()
        let started = wait { () async -> Result<WebhookServer, WebhookStartError> in
            do throws(WebhookStartError) {
                return .success(try await WebhookServer.start(configuration, environment: environment))
            } catch {
                return .failure(error)
            }
        }
        switch started {
        case .failure(let error):
            complain(error.description)
            return 1
        case .success(let server):
            return run(server, signals)
        }
    }

    private static func run(_ server: WebhookServer, _ signals: SignalWaiter) -> Int32 {
        while signals.wait() == .hangUp { server.reloadCertificate() }
        let drained = Box<Void>()
        Task {
            await server.drain()
            drained.put(())
        }
        while drained.value == nil {
            if signals.wait(milliseconds: 50) == .terminate { return 0 }
        }
        return 0
    }

    /// Waits for asynchronous work on the main thread, which is not one of the pool's.
    private static func wait<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) -> Value {
        let box = Box<Value>()
        Task { box.put(await work()) }
        while true {
            if let value = box.value { return value }
            usleep(1000)
        }
    }

    /// Container runtimes start processes with a soft limit of 1024 descriptors or so.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 1 << 20)
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func complain(_ text: String) {
        let bytes = Array(("latchkey-webhook: " + text + "\n").utf8)
        bytes.withUnsafeBytes { _ = write(2, $0.baseAddress, $0.count) }
    }
}
