import Foundation
import Glibc
import SecretSpec
import Testing

@testable import Agent

@Suite(
    "Environments by the kubelet", .enabled(if: EnvironmentBench.hasWrapper, "not built: run 'make exec'"),
    .timeLimit(.minutes(5)))
struct KubeletDeliveryTests {
    @Test("the kubelet's reader finds every value")
    func values() throws {
        let long = String(repeating: "c", count: 60_000)
        let bench = try EnvironmentBench([
            "db": #"canary\n\"x\" $(A) `$B` # = \\ é"#, "json": #"{\"user\":\"canary-user\"}"#, "long": long,
        ])
        defer { bench.stop() }
        try bench.write("settings", ["PLAIN": "x"])
        let plan = try bench.plan([
            EnvironmentBench.kubelet(
                [
                    ("DB", "${akv://shop/db}"), ("URL", "db://${akv://shop/json#user}:x@y\nz"),
                    ("LONG", "${akv://shop/long}"), ("a.b-c", "${akv://shop/db|base64}"),
                ], sources: [bench.source("settings")])
        ])
        let outcome = try bench.initialize(plan)
        #expect(outcome.status == 0, "\(outcome)")
        let file = try bench.volume.text("app.env")
        let password = "canary\n\"x\" $(A) `$B` # = \\ é"
        #expect(try Kubelet.value(of: "DB", in: file) == password)
        #expect(try Kubelet.value(of: "URL", in: file) == "db://canary-user:x@y\nz")
        #expect(try Kubelet.value(of: "LONG", in: file) == long)
        #expect(try Kubelet.value(of: "a.b-c", in: file) == Data(password.utf8).base64EncodedString())
        #expect(try Kubelet.value(of: "NONE", in: file) == nil)
        #expect(try bench.volume.mode("app.env") == 0o400)
        // No container mounts anything of it, and nothing of the wrapper is needed.
        #expect(bench.volume.names == ["app.env"])
        bench.expectNoCanary(outcome)
    }
}
