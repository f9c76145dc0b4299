import Foundation
import JSON
import Testing
import VaultClient

@testable import LatchkeyCommand

/// `latchkey dev` as a process, used through its own commands and over its ports.
@Suite struct DevCommandTests {
    /// A running environment, stopped by its process id.
    private final class Running {
        let folder: TemporaryFolder
        let streams: TemporaryFolder
        let process: Process
        var data: String { folder.path }

        init(_ arguments: [String] = []) throws {
            folder = try TemporaryFolder()
            streams = try TemporaryFolder()
            process = try Tool.start(
                ["dev", "--data", folder.path, "--port", "0", "--webhook-port", "0"] + arguments, in: streams)
            let deadline = ContinuousClock.now + .seconds(60)
            while !streams.text("output").contains("Ctrl-C"), process.isRunning, ContinuousClock.now < deadline {
                usleep(20_000)
            }
            try #require(process.isRunning, "\(streams.text("errors"))")
        }

        deinit {
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
        }

        func run(_ arguments: [String], input: String = "") throws -> Tool.Outcome {
            try Tool.run(["dev"] + arguments + ["--data", data], input: input)
        }

        func stop() -> Int32 {
            kill(process.processIdentifier, SIGTERM)
            process.waitUntilExit()
            return process.terminationStatus
        }

        /// The first match's first group in what the environment printed.
        func printed(_ pattern: String) throws -> String {
            let match = try Regex(pattern).firstMatch(in: streams.text("output"))
            return String(try #require(match?.output[1].substring))
        }
    }

    @Test("secrets are set, listed, disabled, deleted through Key Vault's API; throttling is played and taken back")
    func secrets() throws {
        let dev = try Running(["--vault", "shop", "--vault", "bank"])
        #expect(
            try dev.run(["secret", "set", "shop/db-password", "s3cret"]).output.hasPrefix("shop/db-password: version "))
        #expect(
            try dev.run(["secret", "set", "bank/x", "--file", "-", "--content-type", "text/plain"], input: "v\n").status
                == 0)
        #expect(try dev.run(["secret", "list"]).output == "shop/db-password\nbank/x text/plain\n")
        #expect(try dev.run(["secret", "disable", "bank/x"]).status == 0)
        #expect(try dev.run(["secret", "list", "bank"]).output == "bank/x text/plain (disabled)\n")
        #expect(try dev.run(["secret", "enable", "bank/x"]).status == 0)
        #expect(try dev.run(["throttle", "--next", "1"]).status == 0)
        let throttled = try dev.run(["secret", "list", "bank"])
        #expect(throttled.status == 1 && throttled.errors.contains("429"))
        #expect(try dev.run(["secret", "list", "bank"]).output == "bank/x text/plain\n")
        #expect(try dev.run(["throttle", "--next", "5"]).status == 0)
        #expect(try dev.run(["throttle", "--off"]).status == 0)
        #expect(try dev.run(["secret", "delete", "bank/x"]).status == 0)
        #expect(try dev.run(["secret", "list", "bank"]).output.isEmpty)
        #expect(try dev.run(["secret", "set", "nowhere/x", "v"]).errors.contains("404"))
        #expect(try dev.run(["secret", "disable", "shop/absent"]).status == 1)
        #expect(try dev.run(["secret", "set", "shop/a_b", "v"]).status == 64)
        #expect(dev.stop() == 0)
        #expect(!FileManager.default.fileExists(atPath: dev.data + "/running.json"))
        #expect(try dev.run(["secret", "list"]).errors.contains("no dev vault runs"))
    }

    @Test("the state outlives the process, is for its owner alone and belongs to one process at a time")
    func state() throws {
        let dev = try Running()
        #expect(try dev.run(["secret", "set", "shop/a", "1"]).status == 0)
        let second = try Tool.run(["dev", "run", "--no-webhook", "--port", "0", "--data", dev.data])
        #expect(second.status == 1 && second.errors.contains("in use"))
        #expect(try dev.run(["secret", "list"]).status == 0, "the second one must not disturb the first")
        for name in ["vault.json", "running.json", "issuer.key", "devvault-tls.key"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: dev.data + "/" + name)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(name)")
        }
        #expect(dev.stop() == 0)
        #expect(dev.streams.text("output").hasSuffix("Stopped.\n"))
        let text = try String(contentsOfFile: dev.data + "/vault.json", encoding: .utf8)
        #expect(text.contains("\"a\""))
    }

    @Test("a token logs in as the ServiceAccount's application; an expired one and a stranger's do not")
    func tokens() async throws {
        let client = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
        let dev = try Running(["--identity", "shop/api=\(client)"])
        let login = try dev.printed(#"Login +(\S+)"#)
        let http = HTTPClient(HTTPOptions(caFile: dev.data + "/devvault-ca.pem"))
        func status(_ arguments: [String]) async throws -> Int {
            let token = try dev.run(["token"] + arguments).output.trimmingCharacters(in: .whitespacesAndNewlines)
            let form = [
                "client_id=\(client)", "grant_type=client_credentials",
                "scope=https%3A%2F%2Fvault.azure.net%2F.default",
                "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
                "client_assertion=\(token)",
            ]
            return try await http.send(
                HTTPRequest(
                    method: "POST", url: login + "/oauth2/v2.0/token",
                    headers: [("Content-Type", "application/x-www-form-urlencoded")],
                    body: Array(form.joined(separator: "&").utf8))
            ).status
        }
        #expect(try await status(["shop/api"]) == 200)
        #expect(try await status(["shop/other"]) != 200)
        #expect(try await status(["shop/api", "--audience", "somebody-else"]) != 200)
        #expect(try await status(["shop/api", "--lifetime=-600"]) != 200)
    }

    @Test("its webhook injects a pod with the identity of its ServiceAccount, and inject does the same with its file")
    func webhook() async throws {
        let dev = try Running(["--identity", "shop/api"])
        let url = try dev.printed(#"Webhook +(https\S+)"#)
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/demo/review.json")
        var review = try JSONValue(parsing: Array(Data(contentsOf: file)))
        let annotate = JSONPatch([
            .add(
                path: JSONPointer(["request", "object", "metadata", "annotations"]),
                value: ["latchkey.dev/secret.db": "akv://shop/db"])
        ])
        review = try annotate.applied(to: review)
        let answer = try await HTTPClient(HTTPOptions(caFile: dev.data + "/devvault-ca.pem")).send(
            HTTPRequest(
                method: "POST", url: url, headers: [("Content-Type", "application/json")], body: review.serialized()))
        let response = try JSONValue(parsing: answer.body.withUnsafeBytes { Array($0) })["response"]
        #expect(response?["allowed"] == true)
        let patch = try #require(Data(base64Encoded: response?["patch"]?.string ?? ""))
        let pod = try JSONPatch(try JSONValue(parsing: Array(patch))).applied(
            to: try #require(review["request"]?["object"]))
        let plan = pod["spec"]?["initContainers"]?.array?.first?["env"]?.array?.first?["value"]?.string ?? ""
        #expect(plan.contains(DevSettings.defaultClientID) && plan.contains("BEGIN CERTIFICATE"))
        let account = """
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: api, namespace: shop, annotations:
              {azure.workload.identity/client-id: \(DevSettings.defaultClientID)}}}
            """
        let accounts = try dev.streams.file("account.yaml", account)
        let offline = try Tool.run(
            [
                "inject", "-f", "-", "--config", dev.data + "/webhook.yaml", "--service-account-file", accounts.path,
            ], input: review["request"]?["object"]?.text ?? "")
        #expect(offline.errors.isEmpty)
        #expect(try JSONValue(parsing: Array(offline.output.utf8)) == pod)
    }

    @Test(
        "arguments",
        arguments: [
            ("shop/api", "shop", "api", DevSettings.defaultClientID), ("a/b=c=d", "a", "b", "c=d"),
        ])
    func identities(text: String, namespace: String, name: String, client: String) throws {
        let identity = try #require(DevIdentity(argument: text))
        #expect(identity == DevIdentity(namespace: namespace, name: name, clientID: client))
        #expect(identity.subject == "system:serviceaccount:\(namespace):\(name)")
    }

    @Test("arguments that are none", arguments: ["", "a", "a/", "/b", "a/b/c", "a/b=", "="])
    func badIdentities(text: String) {
        #expect(DevIdentity(argument: text) == nil)
        #expect(DevIssuerFile(argument: text) == nil)
    }
}
