import Foundation
import JSON
import Testing

/// What the program prints where, and its exit status.
@Suite struct InjectCommandTests {
    private static let pod = """
        apiVersion: v1
        kind: Pod
        metadata:
          name: a
          annotations:
            latchkey.dev/secret.db: akv://shop/db
            latchkey.dev/azure-client-id: 11111111-aaaa-4bbb-8ccc-222222222222
            latchkey.dev/azure-tenant-id: 33333333-aaaa-4bbb-8ccc-444444444444
        spec:
          containers:
          - name: c
            image: i

        """
    private static let wrong = "{apiVersion: v1, kind: Pod, metadata: {name: w, annotations: {latchkey.dev/x: y}}}"

    @Test("a manifest goes through, its format kept or chosen")
    func formats() throws {
        let yaml = try Tool.run(["inject", "-f", "-"], input: Self.pod)
        #expect(yaml.status == 0)
        #expect(
            yaml.errors
                == "pods have the shape for kubelets of Kubernetes 1.29 and later, as the cluster is not asked; "
                + "for older ones give --cluster-version\n")
        for version in ["1.28", "1.31"] {
            let stated = try Tool.run(["inject", "-f", "-", "--cluster-version", version], input: Self.pod)
            #expect(stated.status == 0 && stated.errors.isEmpty)
        }
        #expect(yaml.output.hasPrefix("apiVersion: v1\nkind: Pod\n") && yaml.output.contains("name: latchkey-agent"))
        let json = try Tool.run(["inject", "-f", "-", "-o", "json"], input: Self.pod)
        let pod = try JSONValue(parsing: Array(json.output.utf8))
        #expect(pod["spec"]?["initContainers"]?.array?.first?["image"] == "ghcr.io/latchkey/agent:0.1.0")
        let again = try Tool.run(["inject", "-f", "-"], input: json.output)
        #expect(again.output == json.output && again.errors.isEmpty)
    }

    @Test("several files are one manifest, and --config decides the agent's image")
    func files() throws {
        let folder = try TemporaryFolder()
        let pod = try folder.file("pod.yaml", Self.pod)
        let other = try folder.file("other.yaml", "kind: ConfigMap\n")
        let config = try folder.file("latchkey.yaml", "agent: {image: 'registry.example.com/agent:7'}\n")
        let result = try Tool.run(["inject", "-f", pod.path, "-f", other.path, "--config", config.path])
        #expect(result.status == 0 && result.output.contains("image: registry.example.com/agent:7\n"))
        #expect(result.output.hasSuffix("---\nkind: ConfigMap\n"))
        let bad = try folder.file("bad.yaml", "agent: {image: a, imge: b}\nserver: {adress: x}\n")
        let refused = try Tool.run(["inject", "-f", pod.path, "--config", bad.path])
        #expect(refused.status == 1 && refused.output.isEmpty)
        #expect(refused.errors.split(separator: "\n").count == 2)
        #expect(refused.errors.contains("\(bad.path): agent.imge") && refused.errors.contains("server.adress"))
    }

    @Test("the cluster's version comes from the flag, else from the configuration, and explain says whose shape it is")
    func clusterVersion() throws {
        let folder = try TemporaryFolder()
        let config = try folder.file("latchkey.yaml", "{agent: {image: a}, cluster: {version: 1.28}}\n")
        func explain(_ arguments: String...) throws -> String {
            let result = try Tool.run(["explain", "-f", "-"] + arguments, input: Self.pod)
            #expect(result.status == 0, "\(result.errors)")
            return String(result.output.prefix { $0 != "\n" })
        }
        #expect(
            try explain()
                == "For kubelets of Kubernetes 1.29 and later; the cluster is not asked. For older ones give "
                + "--cluster-version.")
        #expect(
            try explain("--config", config.path)
                == "For kubelets of Kubernetes 1.28, which do not run native sidecars.")
        #expect(
            try explain("--config", config.path, "--cluster-version", "v1.31.2-eks-a1b2")
                == "For kubelets of Kubernetes 1.31, which run native sidecars.")
        #expect(try explain("--config", config.path, "--cluster-version", "auto") == explain())
        let wrong = try Tool.run(["inject", "-f", "-", "--cluster-version", "new"], input: Self.pod)
        #expect(wrong.status == 64 && wrong.errors.contains("'new' is invalid"))
    }

    @Test("the shape is the one for the cluster's version, and explain names every part of it")
    func shapes() throws {
        let pod = Self.pod.replacingOccurrences(
            of: "latchkey.dev/secret.db:", with: "latchkey.dev/on-change: restart\n    latchkey.dev/secret.db:")
        func names(_ version: String) throws -> [String] {
            let result = try Tool.run(["inject", "-f", "-", "-o", "json", "--cluster-version", version], input: pod)
            let spec = try JSONValue(parsing: Array(result.output.utf8))["spec"]
            return ["initContainers", "containers"].flatMap { list in
                (spec?[list]?.array ?? []).map { "\($0["name"]?.string ?? "") \($0["restartPolicy"]?.string ?? "")" }
            }
        }
        #expect(try names("1.29") == ["latchkey-agent Always", "c "])
        #expect(try names("1.28") == ["latchkey-agent ", "c ", "latchkey-refresh "])
        let old = try Tool.run(["explain", "-f", "-", "--cluster-version", "1.28"], input: pod).output
        for line in [
            "- init container latchkey-agent: image ghcr.io/latchkey/agent:0.1.0, command /latchkey-agent init\n",
            "- container latchkey-refresh: image ghcr.io/latchkey/agent:0.1.0, command /latchkey-agent refresh\n",
            "- liveness probe of container c: GET /restart/c at port 9911, which the agent answers\n",
        ] {
            #expect(old.contains(line), "\(old)")
        }
    }

    /// Two replicas of the webhook may know different versions, and an apiserver may ask both about one pod.
    @Test("a pod of one shape that is injected for another version is as if injected for that one alone")
    func shapesReplaceEachOther() throws {
        func inject(_ version: String, _ input: String) throws -> String {
            let result = try Tool.run(["inject", "-f", "-", "--cluster-version", version], input: input)
            #expect(result.status == 0, "\(result.errors)")
            return result.output
        }
        for (first, last) in [("1.28", "1.30"), ("1.30", "1.28")] {
            let alone = try inject(last, Self.pod)
            #expect(try inject(last, inject(first, Self.pod)) == alone)
        }
    }

    @Test("variables of a container without a command need the image's, which is given")
    func imageCommands() throws {
        let pod = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: app
              annotations: {latchkey.dev/azure-client-id: 11111111-aaaa-4bbb-8ccc-222222222222, \
            latchkey.dev/azure-tenant-id: 33333333-aaaa-4bbb-8ccc-444444444444}
            spec: {containers: [{name: app, image: "app:1", env: [{name: P, value: "akv://shop/db"}]}]}

            """
        let refused = try Tool.run(["inject", "-f", "-"], input: pod)
        #expect(refused.status == 1 && refused.output.isEmpty)
        #expect(refused.errors.contains("--image-command 'app:1=...'"))
        for json in [
            #"{"Entrypoint":["/app"],"Cmd":["serve"],"Env":[]}"#,
            #"{"config":{"Entrypoint":["/app"],"Cmd":["serve"]}}"#,
        ] {
            let given = ["inject", "-f", "-", "-o", "json", "--image-command", "app:1=\(json)"]
            let result = try Tool.run(given, input: pod)
            #expect(result.status == 0, "\(result.errors)")
            let container = try JSONValue(parsing: Array(result.output.utf8))["spec"]?["containers"]?.array?.first
            #expect(container?["command"]?.array?.suffix(2) == ["--", "/app"] && container?["args"] == ["serve"])
            #expect(container?["env"]?.array?.first?["value"] == "${akv://shop/db}")
        }
        #expect(try Tool.run(["inject", "-f", "-", "--image-command", "app:1=/app"], input: pod).status == 64)
        let newest = try Tool.run(["inject", "-f", "-", "--cluster-version", "1.35"], input: pod)
        #expect(newest.status == 0 && newest.output.contains("fileKeyRef"))
        let explained = try Tool.run(["explain", "-f", "-", "--cluster-version", "1.35"], input: pod)
        #expect(explained.output.contains("the kubelet reads P from a file"))
    }

    @Test("--patch prints what applies to the document")
    func patch() throws {
        let result = try Tool.run(["inject", "-f", "-", "--patch"], input: "kind: Other\n---\n" + Self.pod)
        let entries = try JSONValue(parsing: Array(result.output.utf8)).array ?? []
        try #require(entries.count == 1)
        #expect(entries[0]["document"] == 2 && entries[0]["kind"] == "Pod" && entries[0]["name"] == "a")
        #expect(entries[0]["patch"]?.array?.first?["path"] == "/spec/volumes")
        #expect(try Tool.run(["inject", "-f", "-", "--patch"], input: "kind: Other").output == "[]\n")
    }

    @Test("where anything is refused nothing is printed and the status is 1")
    func denial() throws {
        let result = try Tool.run(["inject", "-f", "-"], input: Self.pod + "---\n" + Self.wrong)
        #expect(result.status == 1 && result.output.isEmpty)
        #expect(result.errors.hasPrefix("document 2, Pod w: latchkey.dev/x: "))
        let explained = try Tool.run(["explain", "-f", "-"], input: Self.pod + "---\n" + Self.wrong)
        #expect(explained.status == 1 && explained.output.contains("Rewritten:"))
        #expect(explained.output.contains("Refused, because:"))
    }

    @Test("what cannot be read is one sentence with its place")
    func unreadable() throws {
        let syntax = try Tool.run(["inject", "-f", "-"], input: "a: b: c")
        #expect(syntax.status == 1 && syntax.output.isEmpty)
        #expect(
            syntax.errors == "standard input: line 1, column 5: mapping values are not allowed in this context\n")
        let missing = try Tool.run(["explain", "-f", "/nowhere/x.yaml"])
        #expect(missing.status == 1 && missing.errors == "/nowhere/x.yaml: No such file or directory\n")
        #expect(try Tool.run(["inject"]).status == 64)
        #expect(try Tool.run(["inject", "-f", "-", "-f", "-"]).errors.contains("standard input can be read once only"))
    }

    @Test("help has examples", arguments: [["--help"], ["inject", "--help"], ["explain", "-h"], ["dev", "--help"]])
    func help(arguments: [String]) throws {
        let result = try Tool.run(arguments)
        #expect(result.status == 0 && result.output.contains("EXAMPLES:"))
    }
}
