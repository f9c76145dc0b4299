import Foundation
import Injector
import JSON
import SecretSpec
import Testing

@Suite("Annotations")
struct AnnotationTests {
    /// Annotations, and how each problem must begin and what it must say.
    struct Case: Sendable, CustomTestStringConvertible {
        let annotations: [String: String]
        let kind: InjectionProblem.Kind
        let key: String
        let says: String
        var testDescription: String { "\(annotations.filter { $0.key != "latchkey.dev/secret.db" })" }

        init(
            _ annotations: [String: String], _ kind: InjectionProblem.Kind, _ key: String, _ says: String
        ) {
            self.annotations = annotations
            self.kind = kind
            self.key = key
            self.says = says
        }
    }

    static let db = ["latchkey.dev/secret.db": "akv://shop/db-password"]

    static let cases: [Case] = [
        Case(
            ["latchkey.dev/secrets.db": "x"], .unknownAnnotation, "latchkey.dev/secrets.db",
            "secret.<name>"),
        Case(
            ["latchkey.dev/secret": "akv://shop/x"], .unknownAnnotation, "latchkey.dev/secret",
            "no such annotation"),
        Case(
            ["latchkey.dev/secret.": "akv://shop/x"], .unknownAnnotation, "latchkey.dev/secret.",
            "no such annotation"),
        Case(["latchkey.dev/": "x"], .unknownAnnotation, "latchkey.dev/", "no such annotation"),
        Case(
            ["latchkey.dev/inject.x": "true"], .unknownAnnotation, "latchkey.dev/inject.x",
            "no such annotation"),
        Case(
            ["latchkey.dev/inject": "yes"], .badAnnotation, "latchkey.dev/inject",
            "neither \"true\" nor \"false\""),
        Case(["latchkey.dev/inject": "True"], .badAnnotation, "latchkey.dev/inject", "\"True\""),
        Case(
            ["latchkey.dev/secret.a": ""], .badReference, "latchkey.dev/secret.a", "akv://<vault>/<name>"),
        Case(
            ["latchkey.dev/secret.a": "akv://sh"], .badReference, "latchkey.dev/secret.a",
            "names no secret"),
        Case(
            ["latchkey.dev/secret.a": "akvv://shop/x"], .badReference, "latchkey.dev/secret.a",
            "known schemes: akv"),
        Case(["latchkey.dev/secret.a": "akv://s/x"], .badReference, "latchkey.dev/secret.a", "3 to 24"),
        Case(
            ["latchkey.dev/secret.a": "akv://shop/x_y"], .badReference, "latchkey.dev/secret.a",
            "1 to 127"),
        Case(
            ["latchkey.dev/secret.a": "akv://shop/x/1"], .badReference, "latchkey.dev/secret.a",
            "32 hexadecimal"),
        Case(
            ["latchkey.dev/secret.a": "akv://shop/x?type=cert"], .badReference, "latchkey.dev/secret.a",
            "certificate"),
        Case(
            ["latchkey.dev/secret.a": "akv://evil.example.com/x"], .badReference, "latchkey.dev/secret.a",
            "*.vault.azure.net"),
        Case(
            ["latchkey.dev/secret.a": "akv://a.b.vault.azure.net/x"], .badReference,
            "latchkey.dev/secret.a",
            "not of this cluster's cloud"),
        Case(
            ["latchkey.dev/secret.a": "akv://shopvault.azure.net/x"], .badReference,
            "latchkey.dev/secret.a",
            "not of this cluster's cloud"),
        Case(
            ["latchkey.dev/path.a": "x"], .badAnnotation, "latchkey.dev/path.a",
            "no latchkey.dev/secret.a"),
        Case(
            ["latchkey.dev/mode.a": "0400"], .badAnnotation, "latchkey.dev/mode.a",
            "no latchkey.dev/secret.a"),
        Case(["latchkey.dev/mode.db": "0888"], .badAnnotation, "latchkey.dev/mode.db", "octal"),
        Case(["latchkey.dev/mode.db": "1777"], .badAnnotation, "latchkey.dev/mode.db", "0 to 777"),
        Case(["latchkey.dev/mode.db": "-1"], .badAnnotation, "latchkey.dev/mode.db", "octal"),
        Case(["latchkey.dev/mode.db": "+400"], .badAnnotation, "latchkey.dev/mode.db", "octal"),
        Case(["latchkey.dev/mode.db": "rw-r--r--"], .badAnnotation, "latchkey.dev/mode.db", "octal"),
        Case(
            ["latchkey.dev/mode.db": "0400"], .ownership, "latchkey.dev/mode.db",
            "latchkey.dev/run-as-user"),
        Case(["latchkey.dev/path.db": "../x"], .badAnnotation, "latchkey.dev/path.db", "relative path"),
        Case(
            ["latchkey.dev/path.db": "/etc/passwd"], .badAnnotation, "latchkey.dev/path.db",
            "relative path"),
        Case(["latchkey.dev/path.db": "a//b"], .badAnnotation, "latchkey.dev/path.db", "relative path"),
        Case(
            ["latchkey.dev/path.db": "..data/x"], .badAnnotation, "latchkey.dev/path.db",
            "none beginning with '..'"),
        Case(
            ["latchkey.dev/path.db": "a\u{0}b"], .badAnnotation, "latchkey.dev/path.db",
            "control characters"),
        Case(
            ["latchkey.dev/secret...x": "akv://shop/x"], .badAnnotation, "latchkey.dev/secret...x",
            "give a file name"),
        Case(
            ["latchkey.dev/mount-path": "secrets"], .badAnnotation, "latchkey.dev/mount-path",
            "absolute path"),
        Case(
            ["latchkey.dev/mount-path": "/"], .badAnnotation, "latchkey.dev/mount-path", "absolute path"),
        Case(["latchkey.dev/mount-path": "/a/../b"], .badAnnotation, "latchkey.dev/mount-path", "'..'"),
        Case(["latchkey.dev/mount-path": "/a:b"], .badAnnotation, "latchkey.dev/mount-path", "':'"),
        Case(["latchkey.dev/mount-path": "/proc/\u{301}x"], .badAnnotation, "latchkey.dev/mount-path", "/proc"),
        Case(["latchkey.dev/mount-path": "/../\u{301}x"], .badAnnotation, "latchkey.dev/mount-path", "'..'"),
        Case(
            ["latchkey.dev/mount-path": "/proc/self"], .badAnnotation, "latchkey.dev/mount-path", "/proc"),
        Case(
            ["latchkey.dev/containers": "web"], .badAnnotation, "latchkey.dev/containers", "it has app"),
        Case(
            ["latchkey.dev/containers": "app,,"], .badAnnotation, "latchkey.dev/containers",
            "separated by commas"),
        Case(
            ["latchkey.dev/containers": ""], .badAnnotation, "latchkey.dev/containers",
            "separated by commas"),
        Case(
            ["latchkey.dev/azure-client-id": "me"], .badAnnotation, "latchkey.dev/azure-client-id", "GUID"
        ),
        Case(
            ["latchkey.dev/azure-tenant-id": "contoso.com"], .badAnnotation,
            "latchkey.dev/azure-tenant-id", "GUID"),
        Case(
            ["latchkey.dev/azure-client-id.other": Sample.client], .badAnnotation,
            "latchkey.dev/azure-client-id.other",
            "no reference of the pod names this vault"),
        Case(
            ["latchkey.dev/azure-tenant-id.other": Sample.tenant], .badAnnotation, "latchkey.dev/azure-tenant-id.other",
            "no reference of the pod names this vault"),
        Case(["latchkey.dev/run-as-user": "root"], .badAnnotation, "latchkey.dev/run-as-user", "uid"),
        Case(
            ["latchkey.dev/run-as-user": "4294967296"], .badAnnotation, "latchkey.dev/run-as-user", "uid"),
        Case(
            ["latchkey.dev/secret.e": "akv://shop/x", "latchkey.dev/path.e": "db"], .conflict,
            "latchkey.dev/secret.e",
            "latchkey.dev/secret.db"),
        Case(
            ["latchkey.dev/secret.e": "akv://shop/x", "latchkey.dev/path.e": "db/sub"], .conflict,
            "latchkey.dev/secret.e", "would lie in"),
        Case(
            ["latchkey.dev/secret.a": "akv://shop/x", "latchkey.dev/path.a": "db/sub"], .conflict,
            "latchkey.dev/secret.db", "is the directory"),
    ]

    @Test("what cannot be read or kept is denied with key, finding and remedy", arguments: cases)
    func denied(_ example: Case) throws {
        let pod = Sample.pod(annotations: Self.db.merging(example.annotations) { $1 })
        let problems = try Sample.decide(pod).problems()
        try #require(problems.count == 1, "\(problems)")
        #expect(problems[0].kind == example.kind)
        #expect(problems[0].key == example.key)
        #expect(problems[0].message.contains(example.says), "\(problems[0])")
    }

    @Test("all problems are named at once")
    func allAtOnce() throws {
        let annotations = [
            "latchkey.dev/secret.a": "nonsense", "latchkey.dev/mode.a": "9",
            "latchkey.dev/mode.b": "0400",
            "latchkey.dev/typo": "x", "latchkey.dev/mount-path": "here", "latchkey.dev/inject": "maybe",
        ]
        let keys = try Sample.decide(Sample.pod(annotations: annotations)).problems().map(\.key)
        #expect(Set(keys) == Set(annotations.keys))
        #expect(keys.count == annotations.count)
    }

    @Test(
        "false wins over everything, in annotation and label alike",
        arguments: [
            (["latchkey.dev/inject": "false"], [:]),
            (["latchkey.dev/inject": "true"], ["latchkey.dev/inject": "false"]),
            (
                ["latchkey.dev/inject": "false", "latchkey.dev/typo": "x"], ["latchkey.dev/inject": "true"]
            ),
        ])
    func optOut(_ annotations: [String: String], _ labels: [String: String]) {
        let pod = Sample.pod(annotations: Self.db.merging(annotations) { $1 }, labels: labels)
        #expect(Sample.decide(pod).skipReason == .optedOut)
    }

    @Test("a pod that asks for nothing is not selected; a label alone selects")
    func selection() throws {
        #expect(Sample.decide(Sample.pod(annotations: ["other.dev/x": "y"])).skipReason == .notSelected)
        #expect(Sample.decide(Sample.pod(annotations: [:])).skipReason == .notSelected)
        let labelled = Sample.pod(annotations: [:], labels: ["latchkey.dev/inject": "true"])
        let plan = try Sample.decide(labelled).plan()
        #expect(plan.patch.isEmpty)
        #expect(plan.warnings.count == 1)
        let typo = Sample.pod(annotations: [:], labels: ["latchkey.dev/injct": "true"])
        #expect(try Sample.decide(typo).problems().map(\.kind) == [.unknownAnnotation])
    }

    @Test(
        "a reference in a variable is never started as a literal",
        arguments: [
            "akv://shop/db", "akv://nonsense", "jdbc:x:${akv://shop/db}@host", "a$${akv://shop/db|json}",
        ])
    func environmentReference(_ value: String) throws {
        let containers: JSONValue = [
            ["name": "app", "image": "app:1", "env": [["name": "DB", "value": .string(value)]]]
        ]
        let problems = try Sample.decide(Sample.pod(annotations: [:], containers: containers))
            .problems()
        let isReadable = value != "akv://nonsense"
        #expect(problems.map(\.key) == [isReadable ? "spec.containers[0].command" : "spec.containers[0].env[DB]"])
        #expect(problems.map(\.kind) == [isReadable ? .unsupported : .badReference])
    }

    @Test("values of variables that only look a little like references are left alone")
    func plainEnvironment() {
        let values: JSONValue = [
            ["name": "A", "value": "https://akv"], ["name": "B", "value": "${AKV}"],
            ["name": "C", "value": "akv:/x"],
            ["name": "D", "valueFrom": ["secretKeyRef": ["name": "x", "key": "akv://shop/db"]]],
        ]
        let pod = Sample.pod(annotations: [:], containers: [["name": "app", "env": values]])
        #expect(Sample.decide(pod).skipReason == .notSelected)
    }

    @Test("values that are no strings are problems, not traps")
    func wrongKinds() throws {
        for value: JSONValue in [1, true, .null, ["a": 1], ["x"]] {
            let pod = Sample.pod().setting(["metadata", "annotations", "latchkey.dev/secret.x"], value)
            #expect(try Sample.decide(pod).problems().map(\.key) == ["latchkey.dev/secret.x"])
        }
    }
}
