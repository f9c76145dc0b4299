import Injector
import JSON
import SecretSpec
import Testing

@Suite("Annotations of refresh and templates")
struct RefreshAnnotationTests {
    private static let cases: [AnnotationTests.Case] = [
        .init(["latchkey.dev/refresh": "5"], .badAnnotation, "latchkey.dev/refresh", "1s to 7d"),
        .init(["latchkey.dev/refresh": "500ms"], .badAnnotation, "latchkey.dev/refresh", "\"500ms\" is not"),
        .init(["latchkey.dev/refresh.db": "5s"], .unknownAnnotation, "latchkey.dev/refresh.db", "on-revoked"),
        .init(["latchkey.dev/on-revoked": "delete"], .badAnnotation, "latchkey.dev/on-revoked", "keep, remove"),
        .init(["latchkey.dev/on-change": "SIGSTOP"], .badAnnotation, "latchkey.dev/on-change", "SIGHUP"),
        .init(["latchkey.dev/on-change": "HUP"], .badAnnotation, "latchkey.dev/on-change", "`restart`"),
        .init(
            ["latchkey.dev/on-change": "http://example.com:80/"], .badAnnotation, "latchkey.dev/on-change", "127.0.0.1"
        ),
        .init(
            ["latchkey.dev/on-change": "http://127.0.0.1:80@evil:81/"], .badAnnotation, "latchkey.dev/on-change",
            "127.0.0.1"),
        .init(
            ["latchkey.dev/on-change.x": "none"], .badAnnotation, "latchkey.dev/on-change.x",
            "no latchkey.dev/secret.x or latchkey.dev/template.x"),
        .init(["latchkey.dev/template.x": ""], .badAnnotation, "latchkey.dev/template.x", "is empty"),
        .init(["latchkey.dev/template": "x"], .unknownAnnotation, "latchkey.dev/template", "template.<name>"),
        .init(["latchkey.dev/template.x": "a ${db"], .badAnnotation, "latchkey.dev/template.x", "without '}'"),
        .init(["latchkey.dev/template.x": "${bd}"], .badAnnotation, "latchkey.dev/template.x", "names 'bd'"),
        .init(["latchkey.dev/template.x": "${db|xml}"], .badAnnotation, "latchkey.dev/template.x", "base64"),
        .init(["latchkey.dev/template.x": "${akv://sh}"], .badReference, "latchkey.dev/template.x", "names no secret"),
        .init(
            ["latchkey.dev/template.x": "${akv://shop/a#*}"], .badAnnotation, "latchkey.dev/template.x", "dotenv"),
        .init(
            ["latchkey.dev/template.x": "${akv://evil.example.com/a}"], .badReference, "latchkey.dev/template.x",
            "not of this cluster's cloud"),
        .init(
            ["latchkey.dev/template.db": "x"], .conflict, "latchkey.dev/template.db", "latchkey.dev/secret.db as well"),
        .init(
            ["latchkey.dev/template.x": "x", "latchkey.dev/path.x": "db"], .conflict, "latchkey.dev/template.x",
            "latchkey.dev/secret.db"),
        .init(
            ["latchkey.dev/template.x": "${db}", "latchkey.dev/mode.x": "0400"], .ownership, "latchkey.dev/mode.x",
            "run-as-user"),
        .init(
            ["latchkey.dev/template.x": "x", "latchkey.dev/on-change.x": "http://127.0.0.1:1"], .unsupported,
            "latchkey.dev/on-change.x", "never changes"),
    ]

    @Test("what cannot be read or kept is denied with key, finding and remedy", arguments: cases)
    func denied(_ example: AnnotationTests.Case) throws {
        try AnnotationTests().denied(example)
    }

    @Test("all problems are named at once, each once")
    func allAtOnce() throws {
        let annotations = [
            "latchkey.dev/secret.a": "nonsense", "latchkey.dev/template.t": "${a} ${b} ${akv://x} ${",
            "latchkey.dev/mode.t": "x", "latchkey.dev/on-change.a": "jump", "latchkey.dev/on-change.q": "none",
            "latchkey.dev/refresh": "soon", "latchkey.dev/on-revoked": "cry",
        ]
        let problems = try Sample.decide(Sample.pod(annotations: annotations)).problems()
        #expect(
            problems.map(\.key).sorted()
                == (annotations.keys + ["latchkey.dev/template.t", "latchkey.dev/template.t"]).sorted())
        // What is wrong with secret.a is said there alone.
        #expect(!problems.contains { $0.message.contains("'a'") })
    }

    @Test("a value that is no string is one problem, and so is what a template makes of it")
    func wrongKinds() throws {
        let pod = Sample.pod(annotations: ["latchkey.dev/template.t": "${x}"])
            .setting(["metadata", "annotations", "latchkey.dev/secret.x"], 1)
        #expect(try Sample.decide(pod).problems().map(\.key) == ["latchkey.dev/secret.x"])
    }

    @Test("a message quotes a template in one line and briefly")
    func quoting() throws {
        let text = "${" + String(repeating: "a\n\u{202E}", count: 100_000) + "}"
        let problem = try #require(
            try Sample.decide(Sample.pod(annotations: ["latchkey.dev/template.t": text])).problems().first)
        #expect(problem.message.utf8.count < 3000)
        #expect(!problem.message.contains("\n") && !problem.message.contains("\u{202E}"))
    }

    // MARK: Templates

    @Test("a template is a file of its own; what it names stays one too")
    func template() throws {
        let plan = try #require(
            try Sample.decide(
                Sample.pod(
                    annotations: [
                        "latchkey.dev/secret.db": "akv://shop/db",
                        "latchkey.dev/template.app": "p=${db|json}\nq=${akv://bank/x}\n$${z}",
                        "latchkey.dev/path.app": "conf/app.ini", "latchkey.dev/mode.app": "0444",
                    ])
            ).plan().agentPlan)
        #expect(plan.files.map(\.source) == ["latchkey.dev/secret.db", "latchkey.dev/template.app"])
        #expect(plan.files.map(\.path.text) == ["db", "conf/app.ini"])
        guard case .template(let template) = plan.files[1].content else {
            Issue.record("not a template")
            return
        }
        let expected = Template(pieces: [
            .text("p="), .secret(try SecretReference(parsing: "akv://shop/db"), .json), .text("\nq="),
            .secret(try SecretReference(parsing: "akv://bank/x"), nil), .text("\n${z}"),
        ])
        let file = { (content: Template) in
            AgentPlan.File(source: "s", path: plan.files[1].path, mode: 0o444, content: .template(content))
        }
        #expect(file(template) == file(expected))
    }

    @Test("a pod with templates alone is injected, and logs in to their vaults")
    func templateAlone() throws {
        let pod = Sample.pod(annotations: [
            "latchkey.dev/template.a": "${akv://shop/x} ${akv://Bank/y|url}",
            "latchkey.dev/azure-client-id.bank": Sample.client, "latchkey.dev/azure-tenant-id.bank": Sample.tenant,
        ])
        let plan = try #require(try Sample.decide(pod).plan().agentPlan)
        #expect(plan.azure?.vaultIdentities.keys.sorted() == ["bank"])
        #expect(plan.refresh != nil)
        // Of the two vaults one has no identity in the pod.
        #expect(Sample.injector.examine(pod: pod, namespace: "shop").serviceAccount?.name == "default")
    }

    @Test("a text without secrets is a file that is never looked for again and needs nobody to log in")
    func constant() throws {
        let pod = Sample.pod(annotations: ["latchkey.dev/template.motd": "hello $USER $${x}"])
        #expect(Sample.injector.examine(pod: pod, namespace: "shop").serviceAccount == nil)
        let plan = try Sample.decide(pod, account: nil).plan()
        #expect(plan.agentPlan?.azure == nil && plan.agentPlan?.refresh == nil)
        let agent = try plan.patch.applied(to: pod).list("spec", "initContainers")[0]
        #expect(agent["command"] == ["/latchkey-agent", "init"])
        #expect(agent["env"]?.named("LATCHKEY_PLAN")?["value"]?.string?.contains("$") == false)
    }
}
