import Foundation
import SecretSpec
import Synchronization
import Testing

@testable import VaultClient

@Suite struct VaultClientTests {
    private func texts(_ result: Result<[ResolvedFile], ResolveFailures>) throws -> [String: String] {
        Dictionary(uniqueKeysWithValues: try result.get().map { ($0.path.text, $0.text) })
    }

    @Test("one fetch per object, one login per identity, fields and whole of one answer")
    func grouping() async throws {
        let azure = try FakeAzure { request in
            request.path == "/secrets/db"
                ? FakeAzure.secret(#"{"user":"u","password":"p\n","port":5432,"deep":{"a/b":[true]}}"#)
                : FakeAzure.secret("value of \(request.path)")
        }
        defer { azure.stop() }
        let host = "shop.vault.localhost"
        let result = try await azure.resolve([
            "akv://shop/db#user", "akv://shop/DB#password", "akv://shop/db#/deep/a~1b/0", "akv://SHOP/db#port",
            "akv://\(host)/db", "akv://shop/one", "akv://shop/two/0123456789abcdef0123456789abcdef", "akv://shop/db#*",
            "akv://shop/Two/0123456789ABCDEF0123456789abcdef",
        ])
        let files = try texts(result)
        #expect(files["f0"] == "u" && files["f1"] == "p\n" && files["f2"] == "true" && files["f3"] == "5432")
        #expect(files["f5"] == "value of /secrets/one")
        #expect(files["f7/user"] == "u" && files["f7/deep"] == #"{"a/b":[true]}"#)
        #expect(
            Set(azure.vaultRequests.map(\.path)) == [
                "/secrets/db", "/secrets/one", "/secrets/two/0123456789abcdef0123456789abcdef",
            ])
        #expect(azure.vaultRequests.count == 3)
        #expect(azure.loginRequests.count == 1)
        #expect(azure.vaultRequests.allSatisfy { $0.target.hasSuffix("?api-version=7.4") })
        #expect(azure.vaultRequests.allSatisfy { $0.header("Authorization") == "Bearer \(FakeAzure.accessToken)1" })
        #expect(try result.get().allSatisfy { $0.version == "0123456789abcdef0123456789abcdef" && $0.mode == 0o440 })
    }

    @Test("the login is the one that the protocol describes")
    func login() async throws {
        let azure = try FakeAzure { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        _ = try await azure.resolve(["akv://shop/x"]).get()
        let request = try #require(azure.loginRequests.first)
        #expect(request.method == "POST" && request.path == "/\(FakeAzure.tenant)/oauth2/v2.0/token")
        #expect(request.header("Content-Type") == "application/x-www-form-urlencoded")
        var form: [String: String] = [:]
        for pair in request.body.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            form[parts[0]] = parts[1].removingPercentEncoding
        }
        #expect(
            form == [
                "client_id": FakeAzure.client, "grant_type": "client_credentials",
                "scope": "https://vault.localhost/.default",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": try String(contentsOfFile: azure.tokenFile, encoding: .utf8),
            ])
    }

    @Test("no more requests at a time than allowed, and at least two")
    func concurrency() async throws {
        let active = Mutex((now: 0, most: 0))
        let azure = try FakeAzure { _ in
            active.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            usleep(20_000)
            active.withLock { $0.now -= 1 }
            return FakeAzure.secret("v")
        }
        defer { azure.stop() }
        let client = azure.client(try azure.plan((0..<20).map { "akv://shop/s\($0)" })) { $0.maximumConcurrency = 3 }
        defer { client.shutdown() }
        #expect(try await client.resolve(deadline: .now + .seconds(30)).get().count == 20)
        #expect((2...3).contains(active.withLock { $0.most }))
    }

    @Test("transient faults are tried again until they pass", arguments: [429, 500, 502, 503, 504, 408])
    func transient(_ status: Int) async throws {
        let calls = Counter()
        let azure = try FakeAzure { _ in
            calls.next() < 3
                ? FakeAzure.fault(status, "Throttled", headers: [("Retry-After", "0")]) : FakeAzure.secret("v")
        }
        defer { azure.stop() }
        #expect(try texts(await azure.resolve(["akv://shop/x"])) == ["f0": "v"])
        #expect(calls.value == 3)
        #expect(azure.loginRequests.count == 1)
    }

    @Test("Retry-After is waited for, and not beyond the deadline")
    func retryAfter() async throws {
        let calls = Counter()
        let azure = try FakeAzure { _ in
            calls.next() == 1
                ? FakeAzure.fault(429, "Throttled", headers: [("Retry-After", "7")]) : FakeAzure.secret("v")
        }
        defer { azure.stop() }
        let slept = Mutex<[Duration]>([])
        var timing = Timing()
        let start = ContinuousClock.now
        timing.now = { start + slept.withLock { $0.reduce(.zero, +) } }
        timing.sleep = { duration in slept.withLock { $0.append(duration) } }
        let client = azure.client(try azure.plan(["akv://shop/x"]), timing: timing)
        defer { client.shutdown() }
        _ = try await client.resolve(deadline: .now + .seconds(60)).get()
        #expect(slept.withLock { $0.count } == 1)
        #expect(slept.withLock { $0.first.map { $0 >= .seconds(7) && $0 < .seconds(9) } } == true)

        let again = try FakeAzure { _ in FakeAzure.fault(429, "Throttled", headers: [("Retry-After", "7")]) }
        defer { again.stop() }
        let error = try await again.error("akv://shop/x", deadline: .seconds(5))
        #expect(error?.kind == .throttled && error?.isTransient == true && error?.retryAfter == .seconds(7))
        #expect(again.vaultRequests.count == 1)
    }

    @Test("a broken connection is tried again")
    func brokenConnection() async throws {
        let calls = Counter()
        let azure = try FakeAzure { _ in
            var reply = FakeAzure.secret("v")
            if calls.next() == 1 { reply.resetAfter = 5 }
            return reply
        }
        defer { azure.stop() }
        #expect(try texts(await azure.resolve(["akv://shop/x"])) == ["f0": "v"])
    }

    @Test("a fault of the login is tried again, too; a refusal is not")
    func loginFaults() async throws {
        let calls = Counter()
        let azure = try FakeAzure(login: { _ in
            calls.next() == 1
                ? .json("{}", status: 503)
                : .json(#"{"token_type":"Bearer","expires_in":"3599","access_token":"t"}"#)
        }) { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        _ = try await azure.resolve(["akv://shop/x"]).get()
        #expect(calls.value == 2)

        let refusing = try FakeAzure(login: { _ in
            .json(#"{"error":"invalid_client","error_codes":[700016]}"#, status: 400)
        }) { _ in FakeAzure.secret("v") }
        defer { refusing.stop() }
        guard case .failure(let failures) = try await refusing.resolve((0..<4).map { "akv://shop/s\($0)" }) else {
            Issue.record("resolved")
            return
        }
        #expect(failures.all.map(\.error.kind) == Array(repeating: .loginRefused, count: 4))
        #expect(refusing.vaultRequests.isEmpty)
    }

    @Test("every failure is named, each with its file")
    func allFailures() async throws {
        let azure = try FakeAzure { request in
            switch request.path {
            case "/secrets/absent": FakeAzure.fault(404, "SecretNotFound")
            case "/secrets/off": FakeAzure.fault(403, "Forbidden", inner: "SecretDisabled")
            case "/secrets/notmine": FakeAzure.fault(403, "Forbidden", inner: "ForbiddenByRbac")
            default: FakeAzure.secret("v")
            }
        }
        defer { azure.stop() }
        let result = try await azure.resolve([
            "akv://shop/fine", "akv://shop/absent", "akv://shop/off", "akv://shop/notmine", "akv://shop/fine#x",
            "akv://evil.test/x",
        ])
        guard case .failure(let failures) = result else {
            Issue.record("resolved")
            return
        }
        #expect(failures.all.map(\.source) == (1...5).map { "latchkey.dev/secret.f\($0)" })
        #expect(failures.all.map(\.error.kind) == [.notFound, .disabled, .forbidden, .field, .notConfigured])
        #expect(failures.all[2].error.description.contains("Key Vault Secrets User"))
        #expect(failures.all[2].error.description.contains(FakeAzure.client))
        #expect(failures.all[0].error.description.contains("'absent'"))
    }

    @Test("a rejected token leads to one fresh login, for all that had it")
    func freshLogin() async throws {
        let azure = try FakeAzure { request in
            request.header("Authorization") == "Bearer \(FakeAzure.accessToken)1"
                ? .init(status: 401) : FakeAzure.secret("v")
        }
        defer { azure.stop() }
        #expect(try texts(await azure.resolve((0..<6).map { "akv://shop/s\($0)" })).count == 6)
        #expect(azure.loginRequests.count == 2)

        let never = try FakeAzure { _ in FakeAzure.fault(401, "Unauthorized") }
        defer { never.stop() }
        #expect(try await never.error("akv://shop/x")?.kind == .unauthenticated)
        #expect(never.loginRequests.count == 2 && never.vaultRequests.count == 2)
    }

    @Test("each identity logs in for itself")
    func identities() async throws {
        let azure = try FakeAzure { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        let other = AgentPlan.Azure.Identity(tenantID: FakeAzure.tenant, clientID: "other-client")
        let client = azure.client(
            try azure.plan(["akv://shop/x", "akv://Other/x", "akv://other/y"], vaultIdentities: ["other": other]))
        defer { client.shutdown() }
        _ = try await client.resolve(deadline: .now + .seconds(20)).get()
        #expect(azure.loginRequests.count == 2)
        #expect(azure.loginRequests.filter { $0.body.contains("client_id=other-client") }.count == 1)
    }

    @Test("a configured endpoint is reached by its name")
    func endpoints() async throws {
        let azure = try FakeAzure { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        let client = azure.client(try azure.plan(["akv://near/x"], endpoints: ["near": azure.server.url]))
        defer { client.shutdown() }
        _ = try await client.resolve(deadline: .now + .seconds(20)).get()
        #expect(azure.vaultRequests.first?.header("Host") == "127.0.0.1:\(azure.server.port)")
    }

    @Test("a vault where nobody listens is tried until the deadline")
    func refused() async throws {
        let azure = try FakeAzure { _ in .init() }
        defer { azure.stop() }
        let start = ContinuousClock.now
        let elapsed = Mutex(Duration.zero)
        var timing = Timing()
        timing.now = { start + elapsed.withLock { $0 } }
        timing.sleep = { duration in elapsed.withLock { $0 += duration } }
        timing.random = { 0.999 }
        let port = try Loopback.closedPort()
        let plan = try azure.plan(["akv://near/x"], endpoints: ["near": "https://127.0.0.1:\(port)"])
        let client = azure.client(plan, timing: timing) {
            $0.retryPolicy = RetryPolicy(initialDelay: .seconds(10), maximumDelay: .seconds(10))
        }
        defer { client.shutdown() }
        guard case .failure(let failures) = await client.resolve(deadline: start + .seconds(45)) else {
            Issue.record("resolved")
            return
        }
        #expect(failures.first.error.kind == .connection)
        #expect(failures.first.error.description.hasSuffix("gave up after 8 tries"))
    }

    @Test("a vault that does not answer in time")
    func silent() async throws {
        let azure = try FakeAzure { _ in .init(delay: 60_000) }
        defer { azure.stop() }
        let client = azure.client(try azure.plan(["akv://shop/x"])) {
            $0.requestTimeout = .seconds(5)
            $0.retryPolicy = RetryPolicy(initialDelay: .seconds(60), maximumDelay: .seconds(60))
        }
        defer { client.shutdown() }
        guard case .failure(let failures) = await client.resolve(deadline: .now + .seconds(6)) else {
            Issue.record("resolved")
            return
        }
        #expect(failures.first.error.kind == .timeout && failures.first.error.isTransient)
    }

    @Test("a wrong CA and a redirect end at once", arguments: ["ca", "redirect"])
    func permanent(_ fault: String) async throws {
        let azure = try FakeAzure { _ in .init(status: 307, headers: [("Location", "https://evil.test/x")]) }
        defer { azure.stop() }
        let bundle = fault == "ca" ? TestAuthority(name: "Other").pem : azure.authority.pem
        let client = azure.client(try azure.plan(["akv://shop/x"], caBundle: bundle))
        defer { client.shutdown() }
        guard case .failure(let failures) = await client.resolve(deadline: .now + .seconds(20)) else {
            Issue.record("resolved")
            return
        }
        #expect(failures.first.error.kind == (fault == "ca" ? .tls : .redirected))
        #expect(azure.vaultRequests.count == (fault == "ca" ? 0 : 1))
    }

    @Test("dates are told and are no outage, a clock five minutes wrong included")
    func dates() async throws {
        let now = Int(Date().timeIntervalSince1970)
        let cases: [(String, String?)] = [
            (#""enabled":true,"exp":\#(now - 400)"#, "expired"), (#""enabled":true,"exp":\#(now - 200)"#, nil),
            (#""enabled":true,"nbf":\#(now + 400)"#, "becomes valid"), (#""enabled":true,"nbf":\#(now + 200)"#, nil),
            (#""exp":"text","nbf":1e99"#, nil), ("", nil), (#""exp":-9223372036854775808"#, "expired"),
            (#""nbf":9223372036854775807"#, "becomes valid"),
        ]
        for (attributes, words) in cases {
            let azure = try FakeAzure { _ in FakeAzure.secret("v", attributes: attributes) }
            defer { azure.stop() }
            let file = try #require(try await azure.resolve(["akv://shop/x"]).get().first)
            #expect(file.bytes.isSame(as: SecretBytes([UInt8(ascii: "v")])))
            #expect(file.warning?.contains(words ?? "?") == (words == nil ? nil : true), "\(attributes)")
        }
    }

    @Test("the sentence about a date is the same at each look")
    func steadyWarning() async throws {
        let moments: [(String, String)] = [
            (#""exp":1000000000"#, "expired on 2001-09-09T01:46:40Z"),
            (#""nbf":4102444800"#, "becomes valid on 2100-01-01T00:00:00Z"),
            (#""exp":-9223372036854775808"#, "expired on 0001-01-01T00:00:00Z"),
            (#""nbf":9223372036854775807"#, "becomes valid on 9999-12-31T23:59:59Z"),
        ]
        for (attributes, words) in moments {
            let azure = try FakeAzure { _ in FakeAzure.secret("v", attributes: attributes) }
            defer { azure.stop() }
            let now = Counter()
            var timing = Timing()
            timing.wallSeconds = { Int(Date().timeIntervalSince1970) + 1000 * now.next() }
            let client = azure.client(try azure.plan(["akv://shop/x"]), timing: timing)
            defer { client.shutdown() }
            let warnings = try await [
                client.resolve(deadline: .now + .seconds(20)).get().first?.warning,
                client.resolve(deadline: .now + .seconds(20)).get().first?.warning,
            ]
            #expect(warnings.first == warnings.last && warnings.first??.contains(words) == true, "\(warnings)")
        }
    }

    @Test("a member that is there twice is refused, by its name and by all")
    func twice() async throws {
        let azure = try FakeAzure { _ in FakeAzure.secret(#"{"a":"1","b":"2","a":"3"}"#) }
        defer { azure.stop() }
        #expect(try await azure.error("akv://shop/x#a")?.kind == .field)
        #expect(try await azure.error("akv://shop/x#*")?.kind == .field)
        #expect(try texts(await azure.resolve(["akv://shop/x#b"])) == ["f0": "2"])
    }

    @Test("a disabled object is refused even where the vault serves it")
    func disabled() async throws {
        let azure = try FakeAzure { _ in FakeAzure.secret("v", attributes: #""enabled":false"#) }
        defer { azure.stop() }
        #expect(try await azure.error("akv://shop/x")?.kind == .disabled)
    }

    @Test("encodings and fields of a secret")
    func encodings() async throws {
        let azure = try FakeAzure { request in
            switch request.path {
            case "/secrets/b": FakeAzure.secret("AP8K\nAA==\n")
            case "/secrets/h": FakeAzure.secret("00fF0a")
            case "/secrets/j": FakeAzure.secret(#"{"bin":"AP8K","x":"!"}"#)
            default: FakeAzure.secret("no json")
            }
        }
        defer { azure.stop() }
        let files = try await azure.resolve([
            "akv://shop/b?encoding=base64", "akv://shop/h?encoding=hex", "akv://shop/j?encoding=base64#bin",
        ]).get()
        #expect(files[0].bytes.isSame(as: SecretBytes([0, 255, 10, 0])))
        #expect(files[1].bytes.isSame(as: SecretBytes([0, 255, 10])))
        #expect(files[2].bytes.isSame(as: SecretBytes([0, 255, 10])))
        let wrong: [(String, VaultError.Kind)] = [
            ("akv://shop/j?encoding=base64", .content), ("akv://shop/j?encoding=base64#*", .content),
            ("akv://shop/h?encoding=base64#x", .field), ("akv://shop/plain#*", .field), ("akv://shop/j#/a/b", .field),
            ("akv://shop/j#none", .field), ("akv://shop/plain?format=pem", .content),
            ("akv://shop/b?format=pfx", .content),
        ]
        for (reference, kind) in wrong { #expect(try await azure.error(reference)?.kind == kind, "\(reference)") }
    }

    @Test(
        "names that are no file names are refused by position",
        arguments: [
            #"{"ok":1,"a/b":2}"#, #"{"ok":1,"..":2}"#, #"{"ok":1,"":2}"#, #"{"ok":1,"ok":2}"#, #"{"ok":1,"a\u0000":2}"#,
        ])
    func badNames(_ value: String) async throws {
        let azure = try FakeAzure { _ in FakeAzure.secret(value) }
        defer { azure.stop() }
        let error = try await azure.error("akv://shop/x#*")
        #expect(error?.kind == .field)
        #expect(error?.description.contains("member 2") == true)
    }

    @Test(
        "answers that are none",
        arguments: [
            "", "null", "[]", "{}", "{", #"{"value":1}"#, #"{"value":null}"#, String(repeating: "[", count: 100_000),
        ])
    func malformed(_ body: String) async throws {
        let azure = try FakeAzure { _ in .json(body) }
        defer { azure.stop() }
        for type in ["secret", "key", "certificate"] {
            #expect(try await azure.error("akv://shop/x?type=\(type)")?.kind == .malformedAnswer)
        }
        let login = try FakeAzure(login: { _ in .json(body) }) { _ in FakeAzure.secret("v") }
        defer { login.stop() }
        #expect(try await login.error("akv://shop/x")?.kind == .malformedAnswer)
    }

    @Test("a plan without Azure")
    func noAzure() async throws {
        let azure = try FakeAzure { _ in FakeAzure.secret("v") }
        defer { azure.stop() }
        let full = try azure.plan(["akv://shop/x"])
        let plan = AgentPlan(
            directory: full.directory, group: nil, files: full.files, startDeadlineSeconds: 1, azure: nil, caBundle: nil
        )
        guard case .failure(let failures) = await azure.client(plan).resolve(deadline: .now + .seconds(1)) else {
            Issue.record("resolved")
            return
        }
        #expect(failures.first.error.kind == .notConfigured)
    }

    @Test("every scheme has its backend, and every backend its scheme")
    func registry() {
        #expect(Set(BackendRegistry.all.map { $0.scheme }) == Set(BackendDescriptor.all.map(\.scheme)))
        #expect(BackendRegistry.all.count == BackendDescriptor.all.count)
    }
}
