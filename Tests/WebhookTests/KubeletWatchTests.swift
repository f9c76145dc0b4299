import Injector
import JSON
import Testing

@testable import Webhook

/// What is made of the versions that were read.
@Suite struct KubeletWatchTests {
    private let sink = MemorySink()
    private let injector = CurrentInjector(InjectorConfiguration(agentImage: "a"))
    private let metrics = WebhookMetrics()

    private func watch(
        timing: KubeletWatch.Timing = KubeletWatch.Timing(), read: @escaping KubeletWatch.Read = { .noNodes }
    ) -> KubeletWatch {
        KubeletWatch(injector, metrics: metrics, log: Log(level: .info, sink: sink), timing: timing, read: read)
    }

    private func oldest(_ minor: Int, nodes: Int = 3) -> KubeletVersions {
        .oldest(KubernetesVersion(major: 1, minor: minor), nodes: nodes)
    }

    private var lines: [JSONValue] {
        sink.text.split(separator: "\n").compactMap { try? JSONValue(parsing: Array($0.utf8)) }
    }

    @Test func theOldestKubeletDecidesAndAChangeIsLoggedOnce() {
        let watch = watch()
        #expect(!injector.hasNativeSidecars && watch.oldest == nil && !watch.isSettled)
        watch.take(oldest(29))
        #expect(injector.hasNativeSidecars && watch.oldest?.minor == 29 && watch.isSettled)
        watch.take(oldest(29, nodes: 4))
        #expect(lines.count == 1)
        watch.take(oldest(28))
        #expect(!injector.hasNativeSidecars && watch.oldest?.minor == 28)
        watch.take(oldest(31))
        #expect(injector.hasNativeSidecars)
        #expect(lines.map { $0["oldestKubelet"] } == ["1.29", "1.28", "1.31"])
        #expect(lines.map { $0["nativeSidecars"] } == [true, false, true])
        #expect(metrics.kubeletVersionReads.value("read") == 4)
    }

    @Test func theOldestKubeletDecidesWhoReadsVariables() {
        func usesFiles() -> Bool {
            let pod: JSONValue = [
                "metadata": ["annotations": ["latchkey.dev/env.P": "akv://shop/db"]],
                "spec": ["containers": [["name": "app", "image": "a"]]],
            ]
            let injector = injector.value
            let decision = injector.decide(
                injector.examine(pod: pod, namespace: "shop"),
                serviceAccountAnnotations: [
                    "azure.workload.identity/client-id": "11111111-2222-3333-4444-555555555555",
                    "azure.workload.identity/tenant-id": "11111111-2222-3333-4444-555555555555",
                ])
            guard case .inject(let plan) = decision else { return false }
            return String(decoding: plan.patch.document.serialized(), as: UTF8.self).contains("fileKeyRef")
        }
        let watch = watch()
        #expect(!usesFiles())
        watch.take(oldest(35))
        #expect(usesFiles())
        watch.take(.failed(.timeout))
        #expect(usesFiles())
        watch.take(oldest(34))
        #expect(!usesFiles())
    }

    @Test func aJobThatCannotBeRefreshedIsToldWhetherTheKubeletsAreKnown() throws {
        func denial() -> String {
            let pod: JSONValue = [
                "metadata": [
                    "annotations": ["latchkey.dev/secret.db": "akv://shop/db", "latchkey.dev/refresh": "1m"]
                ],
                "spec": ["restartPolicy": "Never", "containers": [["name": "app"]]],
            ]
            let injector = injector.value
            let decision = injector.decide(
                injector.examine(pod: pod, namespace: "shop"), serviceAccountAnnotations: nil)
            guard case .deny(let problems) = decision else { return "" }
            return problems.map(\.description).joined(separator: "\n")
        }
        let unknown = "does not know the kubelets' version"
        let watch = watch()
        #expect(denial().contains(unknown))
        watch.take(oldest(28))
        #expect(denial().contains("latchkey.dev/refresh") && !denial().contains(unknown))
        watch.take(.noNodes)
        #expect(denial().contains(unknown))
        watch.take(oldest(29))
        #expect(!denial().contains("latchkey.dev/refresh"))
    }

    @Test func whatIsNotKnownIsTheOlderShapeAndOneLineWithTheRemedy() {
        for (versions, remedy) in [
            (KubeletVersions.noNodes, "cluster.version"), (.unreadable("x"), "cluster.version"),
            (.failed(.forbidden), "'list' on 'nodes'"), (.failed(.notConfigured), "cluster.version"),
            (.failed(.malformedAnswer), "kubernetes.url"), (.failed(.unauthorized), "kubernetes.tokenFile"),
        ] {
            let before = lines.count
            let watch = watch()
            watch.take(versions)
            watch.take(versions)
            #expect(!injector.hasNativeSidecars && watch.isSettled, "\(versions)")
            #expect(lines.count == before + 1 && lines.last?["level"] == "warning")
            #expect(lines.last?["remedy"]?.string?.contains(remedy) == true, "\(versions)")
        }
    }

    @Test func aFailureKeepsWhatIsKnown() {
        let watch = watch()
        watch.take(oldest(30))
        watch.take(.failed(.timeout))
        watch.take(.failed(.forbidden))
        #expect(injector.hasNativeSidecars && watch.oldest?.minor == 30)
        #expect(lines.suffix(2).allSatisfy { $0["message"]?.string?.contains("keep the shape") == true })
        // Nodes that state what is no version are an answer.
        watch.take(.unreadable("new"))
        #expect(!injector.hasNativeSidecars && watch.oldest == nil)
    }

    @Test func whatMayPassIsWaitedForButNotForEver() async throws {
        let patient = watch()
        patient.take(.failed(.unreachable("refused")))
        #expect(!patient.isSettled)
        patient.take(oldest(30))
        #expect(patient.isSettled)
        let hasty = watch(timing: .init(settleTimeout: .zero))
        try await Task.sleep(for: .milliseconds(2))
        #expect(hasty.isSettled)
    }

    @Test func itReadsAgainUntilItIsCancelled() async throws {
        let answers = Shared([KubeletVersions.failed(.timeout), .failed(.status(500)), oldest(28), oldest(29)])
        let watch = watch(timing: .init(interval: .milliseconds(5), firstRetry: .milliseconds(1))) {
            var next = KubeletVersions.noNodes
            answers.change { if $0.count > 1 { next = $0.removeFirst() } else { next = $0[0] } }
            return next
        }
        let task = Task { await watch.run() }
        for _ in 0..<5000 where !injector.hasNativeSidecars { try await Task.sleep(for: .milliseconds(1)) }
        #expect(injector.hasNativeSidecars && watch.oldest?.minor == 29)
        task.cancel()
        await task.value
        let reads = metrics.kubeletVersionReads.value("read")
        try await Task.sleep(for: .milliseconds(30))
        #expect(metrics.kubeletVersionReads.value("read") == reads)
    }
}
