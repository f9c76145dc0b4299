import Injector
import JSON
import SecretSpec
import Testing

/// Forms of variables x deliveries x commands: the program sees what it would see if the values stood in the pod.
@Suite("Secrets in environments")
struct EnvironmentTableTests {
    static let password = "akv://shop/db-password"
    static let key = "akv://shop/settings#api-key"

    static let model = EnvironmentModel(
        sources: [
            "ConfigMap settings": ["HOST": "db", "MODE": "fast"],
            "Secret hidden": ["TOKEN": password, "URL": "x:${\(key)}@y", "PLAIN": "p"],
        ],
        vault: [
            password: "s3cr3t '\" }", key: "k-1", "akv://shop/all#*:ONE": "1",
            "akv://shop/all#*:PLAIN": "from the vault",
        ], image: ImageCommand(entrypoint: ["/entry", "$(PW) $$"], cmd: ["serve", "$(PW)"]))

    /// A form of variable: what the pod says, and what that means.
    struct Form: Sendable, CustomTestStringConvertible {
        let name: String
        var annotations: [String: String] = [:]
        var variables: [JSONValue] = []
        var sources: [JSONValue] = []
        /// What the variables would be if the values stood there.
        var meaning: [JSONValue] = []
        /// What is there beside them.
        var added: [String: String] = [:]
        var canBeKubelet = true
        var testDescription: String { name }
    }

    static let forms = [
        Form(
            name: "whole value", variables: [["name": "PW", "value": .string(password)]],
            meaning: [["name": "PW", "value": "s3cr3t '\" }"]]),
        Form(
            name: "in a longer text, with a filter",
            variables: [["name": "PW", "value": .string("a${\(password)}b${\(key)|json}c ${HOME} $x")]],
            meaning: [["name": "PW", "value": "as3cr3t '\" }b\"k-1\"c ${HOME} $x"]]),
        Form(
            name: "named by another variable",
            variables: [
                ["name": "PW", "value": .string(password)], ["name": "URL", "value": "pg://$(PW)@$(HOST)/$$(PW)"],
            ],
            sources: [["configMapRef": ["name": "settings"]]],
            meaning: [
                ["name": "PW", "value": "s3cr3t '\" }"], ["name": "URL", "value": "pg://$(PW)@$(HOST)/$$(PW)"],
            ]),
        Form(
            name: "beside $(NAME)",
            variables: [
                ["name": "HOST", "value": "db"], ["name": "PW", "value": .string("pg://${\(password)}@$(HOST)")],
            ],
            meaning: [["name": "HOST", "value": "db"], ["name": "PW", "value": "pg://s3cr3t '\" }@$(HOST)"]],
            canBeKubelet: false),
        Form(
            name: "a literal that looks like one",
            variables: [["name": "PW", "value": .string("$${\(password)} and $$${\(password)}")]],
            meaning: [["name": "PW", "value": .string("$${\(password)} and $${\(password)}")]], canBeKubelet: false),
        Form(
            name: "annotation", annotations: ["latchkey.dev/env.PW": password, "latchkey.dev/env.X": "k=${\(key)}"],
            variables: [["name": "URL", "value": "pg://$(PW)"]],
            meaning: [
                ["name": "PW", "value": "s3cr3t '\" }"], ["name": "X", "value": "k=k-1"],
                ["name": "URL", "value": "pg://$(PW)"],
            ]),
        Form(
            name: "all keys",
            annotations: ["latchkey.dev/env-from.all": "akv://shop/all#*", "latchkey.dev/env.PW": password],
            variables: [["name": "PLAIN", "value": "own"]],
            meaning: [["name": "PW", "value": "s3cr3t '\" }"], ["name": "PLAIN", "value": "own"]],
            added: ["ONE": "1"], canBeKubelet: false),
        Form(
            name: "from a Secret",
            variables: [
                ["name": "PW", "value": .string(password)],
                ["name": "T", "valueFrom": ["secretKeyRef": ["name": "hidden", "key": "TOKEN"]]],
            ],
            sources: [["secretRef": ["name": "hidden"], "prefix": "S_"]],
            meaning: [
                ["name": "PW", "value": "s3cr3t '\" }"], ["name": "T", "value": "s3cr3t '\" }"],
                ["name": "S_TOKEN", "value": "s3cr3t '\" }"], ["name": "S_URL", "value": "x:k-1@y"],
                ["name": "S_PLAIN", "value": "p"],
            ]),
    ]

    /// A container's words.
    struct Words: Sendable, CustomTestStringConvertible {
        let command: [String]?
        let args: [String]?
        var testDescription: String { "command \(command ?? []), args \(args ?? [])" }
    }

    static let words = [
        Words(command: ["/bin/sh", "-c", "echo $(PW) $$(PW)"], args: ["--pw=$(PW)", "$$", "$(NOT)"]),
        Words(command: ["app"], args: nil), Words(command: nil, args: ["run", "$(PW)"]), Words(command: nil, args: nil),
        Words(command: [], args: []),
    ]

    static func container(_ form: Form, _ words: Words, _ environment: [JSONValue]) -> JSONValue {
        var object = JSONObject()
        object.append("name", "app")
        object.append("image", "app:1")
        object.append("env", .array(environment))
        if !form.sources.isEmpty { object.append("envFrom", .array(form.sources)) }
        if let command = words.command { object.append("command", .array(command.map { .string($0) })) }
        if let args = words.args { object.append("args", .array(args.map { .string($0) })) }
        return .object(object)
    }

    static func injector(fileKeyRef: Bool) -> PodInjector {
        var configuration = Sample.configuration
        configuration.fileKeyRef = fileKeyRef
        return PodInjector(configuration)
    }

    @Test(
        "every form arrives by every delivery, with and without a command",
        arguments: forms, ["auto", "exec", "kubelet"])
    func table(_ form: Form, _ delivery: String) throws {
        for words in Self.words {
            for fileKeyRef in [false, true] {
                for isAsked in [false, true] {
                    try check(form, delivery, words, fileKeyRef: fileKeyRef, isAsked: isAsked)
                }
            }
        }
    }

    private func check(_ form: Form, _ delivery: String, _ words: Words, fileKeyRef: Bool, isAsked: Bool) throws {
        let injector = Self.injector(fileKeyRef: fileKeyRef)
        var annotations = form.annotations
        if isAsked { annotations["latchkey.dev/env-delivery"] = delivery }
        if !isAsked, delivery != "auto" { return }
        let container = Self.container(form, words, form.variables)
        let pod = Sample.pod(annotations: annotations, containers: [container])
        let isStated = !(words.command ?? []).isEmpty
        // What `auto` promises.
        let canBeKubelet = form.canBeKubelet && fileKeyRef
        let questions = injector.examine(pod: pod, namespace: "shop").images
        let hasSources = isAsked && !form.sources.isEmpty
        let needsImage =
            delivery != "kubelet" && !isStated && (delivery == "exec" || !canBeKubelet || hasSources)
        #expect(questions.map(\.image) == (needsImage ? ["app:1"] : []), "\(form.name) \(words)")
        let answers: [[String: Result<ImageCommand, ImageCommandFailure>]] = [
            ["app:1": .success(Self.model.image)], [:], ["app:1": .failure(ImageCommandFailure("it is gone"))],
        ]
        for answer in answers {
            let isKnown = isStated || (try? answer["app:1"]?.get()) != nil
            let isPossible: Bool
            switch delivery {
            case "exec": isPossible = isKnown
            case "kubelet": isPossible = canBeKubelet
            default: isPossible = isKnown || canBeKubelet
            }
            let decision = Sample.decide(pod, injector: injector, commands: answer)
            guard isPossible else {
                let problems = try decision.problems()
                #expect(problems.map(\.kind) == [.unsupported], "\(form.name): \(problems)")
                #expect(
                    problems.allSatisfy { $0.message.contains("state command") || $0.message.contains("take exec") })
                continue
            }
            let plan = try decision.plan()
            let after = try plan.patch.applied(to: pod)
            try checkOnlyThat(pod, after, injector, answer)
            let agentPlan = try #require(plan.agentPlan)
            let expected = try expected(form, words)
            let process = Result { try Self.model.start("app", in: after, agentPlan) }
            let delivered = agentPlan.environments?.containers.first?.delivery
            if delivered == .kubelet, form.sources.contains(where: { $0["secretRef"] != nil }) {
                #expect(throws: EnvironmentModel.Stopped.self) { try process.get() }
            } else {
                #expect(try process.get() == expected, "\(form.name) \(delivery) \(words)")
            }
        }
    }

    private func expected(_ form: Form, _ words: Words) throws -> EnvironmentModel.Process {
        var model = Self.model
        model.sources["Secret hidden"] = [:]
        let container = Self.container(form, words, form.meaning)
        var process = try model.kubelet(container)
        process.variables.merge(form.added) { $1 }
        return process
    }

    /// Invariants 1 and 2.
    private func checkOnlyThat(
        _ pod: JSONValue, _ after: JSONValue, _ injector: PodInjector,
        _ commands: [String: Result<ImageCommand, ImageCommandFailure>]
    ) throws {
        #expect(after.withoutInjection(original: pod).text == pod.text)
        for later in [after, try after.withAPIServerDefaults()] {
            let again = injector.examine(pod: later, namespace: "shop")
            #expect(again.images.isEmpty)
            for answers in [commands, [:]] {
                let plan = try Sample.decide(later, injector: injector, commands: answers).plan()
                #expect(plan.patch.isEmpty, "\(plan.patch)")
            }
            let review = try AdmissionReview(parsing: Sample.review(later).serialized())
            let plan = try injector.decide(review, serviceAccountAnnotations: Sample.accountAnnotations).plan()
            #expect(plan.patch.isEmpty)
        }
        // As it comes over the wire.
        let review = try AdmissionReview(parsing: Sample.review(pod).serialized())
        let decision = injector.decide(
            injector.examine(review), serviceAccountAnnotations: Sample.accountAnnotations, commands: commands)
        #expect(try decision.plan().patch.applied(to: pod).text == after.text)
    }
}
