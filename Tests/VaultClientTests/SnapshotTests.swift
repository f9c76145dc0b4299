import Foundation
import SecretSpec
import Synchronization
import Testing

@testable import VaultClient

/// Files made of looks: of one, or of one and what an earlier one had.
@Suite struct SnapshotTests {
    /// A vault whose answers a test changes, and a client of it.
    private final class Bench: Sendable {
        let azure: FakeAzure
        let client: VaultClient
        private let replies: ReplyTable

        final class ReplyTable: Sendable {
            private let replies = Mutex<[String: ScriptedServer.Reply]>([:])
            subscript(name: String) -> ScriptedServer.Reply {
                get { replies.withLock { $0[name] } ?? FakeAzure.fault(404, "SecretNotFound") }
                set { replies.withLock { $0[name] = newValue } }
            }
        }

        init(_ files: [(path: String, content: String)]) throws {
            let replies = ReplyTable()
            self.replies = replies
            azure = try FakeAzure { request in replies[String(request.path.split(separator: "/").last ?? "")] }
            let plan = try azure.plan([])
            client = azure.client(
                AgentPlan(
                    directory: plan.directory, group: nil,
                    files: try files.map { path, content in
                        let reference = try? SecretReference(parsing: content)
                        return AgentPlan.File(
                            source: "latchkey.dev/x.\(path)", path: try #require(RelativePath(path)), mode: 0o440,
                            content: try reference.map { .reference($0) }
                                ?? .template(Template.parse(content, as: .file).get()))
                    }, startDeadlineSeconds: 60, azure: plan.azure, caBundle: plan.caBundle))
        }

        func stop() {
            client.shutdown()
            azure.stop()
        }

        func set(_ name: String, _ value: String) { replies[name] = FakeAzure.secret(value) }
        func fail(_ name: String, _ status: Int, _ code: String) { replies[name] = FakeAzure.fault(status, code) }

        func look() async -> SecretSnapshot {
            await client.look(deadline: .now + .seconds(20), retryPolicy: RetryPolicy(maximumAttempts: 1))
        }
    }

    private func texts(_ result: Result<[ResolvedFile], ResolveFailures>) throws -> [String: String] {
        try result.get().reduce(into: [:]) { $0[$1.path.text] = $1.text }
    }

    private static let files = [
        ("a", "akv://shop/a"), ("b", "akv://shop/b#k"),
        ("t", "a=${akv://shop/a} k=${akv://shop/b#/n/k|json} u=${akv://shop/a|url}\n"),
    ]

    @Test("templates and files are made of one fetch of each object")
    func oneFetch() async throws {
        let bench = try Bench(Self.files)
        defer { bench.stop() }
        bench.set("a", "1 2")
        bench.set("b", #"{"k":"v","n":{"k":"q\""}}"#)
        let snapshot = await bench.look()
        #expect(
            try texts(bench.client.files(of: snapshot)) == [
                "a": "1 2", "b": "v", "t": "a=1 2 k=\"q\\\"\" u=1%202\n",
            ])
        #expect(bench.azure.vaultRequests.count == 2)
        #expect(
            snapshot.objects.map(\.sources) == [
                ["latchkey.dev/x.a", "latchkey.dev/x.t"], ["latchkey.dev/x.b", "latchkey.dev/x.t"],
            ])
        let template = try Template.parse("${akv://shop/a}!", as: .environment).get()
        #expect(try bench.client.value(of: template, from: "env", in: snapshot).text == "1 2!")
        let other = try Template.parse("${akv://shop/absent}", as: .environment).get()
        #expect(throws: ResolveFailures.self) { try bench.client.value(of: other, from: "env", in: snapshot) }
    }

    @Test("a template names every reference that fails, each as a failure of its own")
    func failures() async throws {
        let bench = try Bench(Self.files)
        defer { bench.stop() }
        bench.fail("a", 403, "Forbidden")
        bench.set("b", #"{"k":"v"}"#)
        guard case .failure(let failures) = bench.client.files(of: await bench.look()) else {
            Issue.record("resolved")
            return
        }
        #expect(failures.all.map(\.source) == ["latchkey.dev/x.a", "latchkey.dev/x.t", "latchkey.dev/x.t"])
        #expect(failures.all.map(\.reference.text) == ["akv://shop/a", "akv://shop/a", "akv://shop/b#/n/k"])
        #expect(failures.all.map(\.error.kind) == [.forbidden, .forbidden, .field])
    }

    @Test("files whose object is revoked are left out, with the templates that need it, and no others")
    func excluding() async throws {
        let bench = try Bench(Self.files + [("u", "${akv://shop/b#k}!")])
        defer { bench.stop() }
        bench.fail("a", 403, "ForbiddenByRbac")
        bench.set("b", #"{"k":"v","n":{"k":"n"}}"#)
        let snapshot = await bench.look()
        #expect(try texts(bench.client.files(of: snapshot, excluding: \.isRevocation)) == ["b": "v", "u": "v!"])
        // A template that also needs what fails otherwise still fails: nothing is published.
        bench.fail("b", 500, "x")
        guard case .failure(let failures) = bench.client.files(of: await bench.look(), excluding: \.isRevocation) else {
            Issue.record("resolved")
            return
        }
        #expect(failures.all.map(\.source) == ["latchkey.dev/x.b", "latchkey.dev/x.t", "latchkey.dev/x.u"])
        #expect(failures.all.allSatisfy { $0.error.kind == .unavailable })
    }
}
