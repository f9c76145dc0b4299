import Foundation
import Injector
import JSON
import SecretSpec
import Testing
import YAML

@testable import Webhook

@Suite struct ConfigurationTests {
    private func read(_ yaml: String) throws(ConfigurationProblems) -> WebhookConfiguration {
        let documents = (try? YAMLDocuments.parse(Array(yaml.utf8))) ?? []
        return try WebhookConfiguration(documents.first ?? .null)
    }

    private func problems(_ yaml: String) -> [String] {
        do throws(ConfigurationProblems) {
            _ = try read(yaml)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func everyKeyIsRead() throws {
        let configuration = try read(
            """
            cluster: { version: 1.30 }
            agent:
              image: ghcr.io/latchkey/agent:1.0
              imagePullPolicy: IfNotPresent
              runAsUser: 1000
              runAsGroup: null
              memory: 32Mi
              cpuRequest: 0.5
              guaranteedCPU: 200m
              startDeadline: 2m
              port: 9912
              metrics: true
              proxy: { https: "http://proxy:3128", exceptions: ".svc,10.0.0.0/8" }
              caBundleFile: /etc/latchkey/ca.pem
            volume: { sizeLimit: 16Mi }
            defaults: { mountPath: /secrets, refresh: 30s, onRevoked: remove, restartSpread: 2m }
            azure:
              vaultDnsSuffix: vault.example:8443
              cloud: AzureChinaCloud
              tenantID: 11111111-1111-1111-1111-111111111111
              clientID: 22222222-2222-2222-2222-222222222222
              tokenAudience: api://Other
              tokenExpiration: 1h30m
              vaults: [{ name: Shop, url: "https://10.0.0.5:8443/" }, { name: b, url: "https://b.example" }]
            server:
              address: "[::]:9443"
              metricsAddress: 127.0.0.1:0
              tls: { certificateFile: /a/b.crt, keyFile: /a/b.key }
              drainDelay: 500ms
              drainTimeout: 1m
              maximumConnections: 200
              threads: 3
            kubernetes: { url: "https://kubernetes.default.svc", tokenFile: /t, caFile: /c }
            log: { level: debug }
            """)
        let injector = configuration.injector
        #expect(injector.agentImage == "ghcr.io/latchkey/agent:1.0" && injector.imagePullPolicy == "IfNotPresent")
        #expect(injector.runAsUser == 1000 && injector.runAsGroup == nil && injector.agentMemory == 32 << 20)
        #expect(
            injector.cpuRequest == "0.5" && injector.guaranteedCPU == "200m" && injector.startDeadlineSeconds == 120)
        #expect(injector.httpsProxy == "http://proxy:3128" && injector.noProxy == ".svc,10.0.0.0/8")
        #expect(injector.volumeSizeLimit == 16 << 20 && injector.mountPath == "/secrets")
        #expect(injector.azure.authority == "https://login.chinacloudapi.cn")
        #expect(
            injector.azure.domains == [.init(suffix: "vault.example:8443", scope: "https://vault.azure.cn/.default")])
        #expect(injector.azure.tokenAudience == "api://Other" && injector.azure.tokenExpirationSeconds == 5400)
        #expect(injector.azure.endpoints == ["shop": "https://10.0.0.5:8443", "b": "https://b.example"])
        #expect(configuration.clusterVersion == .version(KubernetesVersion(major: 1, minor: 30)))
        #expect(injector.refreshSeconds == 30 && injector.onRevoked == .remove && injector.restartSpreadSeconds == 120)
        #expect(injector.agentPort == 9912 && injector.agentServesMetrics)
        #expect(configuration.caBundleFile == "/etc/latchkey/ca.pem")
        let server = configuration.server
        #expect(server.address == ListenAddress(host: "::", port: 9443) && server.address.description == "[::]:9443")
        #expect(server.metricsAddress.port == 0 && server.certificateFile == "/a/b.crt" && server.keyFile == "/a/b.key")
        #expect(server.drainDelay == .milliseconds(500) && server.drainTimeout == .seconds(60))
        #expect(server.maximumConnections == 200 && server.threads == 3)
        #expect(configuration.kubernetes.url == "https://kubernetes.default.svc" && configuration.logLevel == .debug)
    }

    @Test func onlyTheImageIsRequired() throws {
        let configuration = try read("agent: { image: a }")
        #expect(configuration == WebhookConfiguration(agentImage: "a"))
        #expect(problems("").count == 1 && problems("")[0].hasPrefix("agent.image: is missing"))
    }

    @Test(arguments: [
        ("auto", true), ("1.28", false), ("1.29", true), ("v1.31.2", true), ("'1.9'", false), ("1.100", true),
        ("2.0", true),
    ])
    func theVersionOfTheClusterDecidesAboutNativeSidecars(version: String, hasNativeSidecars: Bool) throws {
        let configuration = try read("{ agent: { image: a }, cluster: { version: \(version) } }")
        #expect(configuration.injector.nativeSidecars == hasNativeSidecars)
        #expect((configuration.clusterVersion == .auto) == (version == "auto"))
    }

    @Test func theVersionOfTheClusterDecidesWhetherTheKubeletReadsVariables() throws {
        for (version, reads) in [("auto", false), ("1.34", false), ("1.35", true), ("1.36", true)] {
            let configuration = try read("{ agent: { image: a }, cluster: { version: \(version) } }")
            #expect(configuration.injector.fileKeyRef == reads)
        }
    }

    @Test func registriesAreRead() throws {
        let configuration = try read(
            """
            agent: { image: a }
            environment: { sizeLimit: 16Mi }
            registries:
              - host: Index.Docker.io
              - { host: "r.example:5000", plainHTTP: true, caFile: /ca.pem, tokenHosts: [Login.example], blobHosts: ["*.s.example"] }
            kubernetes: { readPullSecrets: true }
            """)
        #expect(configuration.injector.environmentSizeLimit == 16 << 20)
        let registries = configuration.registries
        #expect(registries.readsPullSecrets && registries.registries.map(\.host) == ["docker.io", "r.example:5000"])
        let second = try #require(registries.registries.last)
        #expect(second.plainHTTP && second.caFile == "/ca.pem")
        #expect(second.tokenHosts == ["login.example"] && second.blobHosts == ["*.s.example"])
    }

    @Test(arguments: [
        ("[{}]", "registries[0].host"), ("[{host: 'https://a.example'}]", "registries[0].host"),
        ("[{host: a.example, blobHosts: ['*']}]", "registries[0].blobHosts[0]"),
        ("[{host: a.example, blobHosts: ['*.example']}]", "registries[0].blobHosts[0]"),
        ("[{host: a.example, tokenHosts: ['*.b.example']}]", "registries[0].tokenHosts[0]"),
        ("[{host: a.example, tokenHosts: b.example}]", "registries[0].tokenHosts"),
        ("[{host: a.example}, {host: A.example}]", "registries[1].host"), ("docker.io", "registries"),
        ("[{host: a.example, plainHttp: true}]", "registries[0].plainHttp"),
    ])
    func whatIsWrongWithARegistryIsNamed(registries: String, key: String) {
        let found = problems("{ agent: { image: a }, registries: \(registries) }")
        #expect(found.count == 1 && found[0].hasPrefix("\(key): "), "\(found)")
    }

    @Test func refreshCanBeOff() throws {
        for off in ["off", "'off'", "false"] {
            #expect(try read("{ agent: { image: a }, defaults: { refresh: \(off) } }").injector.refreshSeconds == nil)
        }
        for wrong in ["500ms", "1500ms", "0s", "8d", "on", "60"] {
            #expect(
                problems("{ agent: { image: a }, defaults: { refresh: \(wrong) } }").map { String($0.prefix(23)) }
                    == ["defaults.refresh: found"], "\(wrong)")
        }
    }

    /// The documented defaults are the real ones.
    @Test func documentedDefaultsGiveTheDefaultConfiguration() throws {
        var expected = WebhookConfiguration(agentImage: "a")
        var reader = ConfigurationReader(WebhookConfiguration.keys)
        for key in WebhookConfiguration.keys {
            guard let text = key.defaultText, !text.contains(" "), text != "in-cluster", text != "the cloud's" else {
                continue
            }
            let isNumber = Int(text) != nil
            var value: JSONValue = isNumber ? .number(JSONNumber(Int(text) ?? 0)) : .string(text)
            if text == "false" { value = .bool(false) }
            var path = key.path.split(separator: ".").map(String.init)
            var document = JSONValue.object(JSONObject([.init(name: path.removeLast(), value: value)]))
            while let name = path.popLast() { document = .object(JSONObject([.init(name: name, value: document)])) }
            reader.read(document, into: &expected)
        }
        #expect(reader.problems.allSatisfy { $0.key == "agent.image" })
        #expect(expected == WebhookConfiguration(agentImage: "a"))
    }

    @Test func everyProblemIsReportedAtOnce() {
        let found = problems(
            """
            agnet: { image: x }
            agent:
              imagePulPolicy: Always
              runAsUser: -1
              memory: 24 MB
              startDeadline: 60
              proxy: fast
            azure:
              authority: http://login.example
              cloud: AzureGermanCloud
              vaults: [{ name: shop, url: "https://10.0.0.5:8443/path" }, { nam: x }, { name: a, url: "https://a" }, { name: A, url: "https://b" }]
            server: { address: ":8443", drainTimeout: 1w, maximumConnections: many, tls: { keyFile: tls.key } }
            log: { level: verbose }
            nonsense: 1
            cluster: { version: 1.x }
            defaults: { onRevoked: forget, restartSpread: 90m }
            """)
        let expected = [
            "agnet: is an unknown key; did you mean 'agent'?",
            "agent.imagePulPolicy: is an unknown key; did you mean 'imagePullPolicy'?",
            "agent.runAsUser: found -1; accepted: a whole number from 0 to 2147483647, or `null`",
            "agent.memory: found '24 MB'; accepted: an amount such as `24Mi` or `1Gi`, from 1Mi to 1Ti",
            "agent.startDeadline: found 60; accepted: a duration such as `30s`, `2m` or `1h`, from 1s to 1h",
            "agent.proxy: found 'fast'; accepted: a map of keys",
            "azure.cloud: found 'AzureGermanCloud'; accepted: `AzurePublicCloud`, `AzureChinaCloud`, `AzureUSGovernment`",
            "azure.authority: found 'http://login.example'; accepted: an origin such as `https://login.microsoftonline.com`",
            "azure.vaults[0].url: found 'https://10.0.0.5:8443/path'; accepted: an origin such as `https://10.0.0.5:8443`",
            "azure.vaults[1].nam: is an unknown key; did you mean 'name'?",
            "azure.vaults[1].name: is missing; accepted: a vault's name (letters, digits and '-')",
            "azure.vaults[1].url: is missing; accepted: an origin such as `https://10.0.0.5:8443`",
            "azure.vaults[3].name: found 'a' a second time",
            "server.address: found ':8443'; accepted: `host:port`",
            "server.drainTimeout: found '1w'; accepted: a duration such as `30s`, `2m` or `1h`, from 0s to 10m",
            "server.maximumConnections: found 'many'; accepted: a whole number from 16 to 65536",
            "server.tls.keyFile: found 'tls.key'; accepted: an absolute path",
            "log.level: found 'verbose'; accepted: `debug`, `info`, `warning`, `error`",
            "nonsense: is an unknown key; accepted here: cluster, agent, volume, environment, defaults, azure, registries, server, log, kubernetes",
            "cluster.version: found '1.x'; accepted: `auto`, or a version such as `1.29` or `v1.31.2`",
            "defaults.onRevoked: found 'forget'; accepted: `keep`, `remove`, `fail`",
            "defaults.restartSpread: found '90m'; accepted: a duration such as `30s`, `2m` or `1h`, from 0s to 1h",
            "agent.image: is missing; accepted: an image reference such as `ghcr.io/latchkey/agent:1.0`",
        ]
        #expect(found == expected)
    }

    @Test(arguments: [
        ("0s", 0), ("1500ms", 1500), ("60s", 60_000), ("1h30m", 5_400_000), ("2m", 120_000),
    ])
    func durationsAreRead(text: String, milliseconds: Int) {
        #expect(DurationText.parse(text) == .milliseconds(milliseconds))
        #expect(DurationText.parse(DurationText.format(.milliseconds(milliseconds))) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        "", "s", "5", "-1s", "1.5s", "1 s", "1d", "99999999999999999999s", "9223372036854775807h", "١s", "1s ",
    ])
    func whatIsNoDurationIsRefused(text: String) { #expect(DurationText.parse(text) == nil) }

    @Test(arguments: [("0", 0), ("24Mi", 24 << 20), ("1Gi", 1 << 30), ("500M", 500_000_000), ("12", 12), ("3k", 3000)])
    func quantitiesAreRead(text: String, bytes: Int) {
        #expect(QuantityText.parse(text) == bytes)
        #expect(QuantityText.parse(QuantityText.format(bytes)) == bytes)
    }

    @Test(arguments: ["", "Mi", "-1", "1.5Gi", "1 Mi", "1mi", "9223372036854775807Ki", "1Pi", "٣Mi"])
    func whatIsNoQuantityIsRefused(text: String) { #expect(QuantityText.parse(text) == nil) }

    @Test func addressesAreRead() {
        for text in ["0.0.0.0:8443", "[::]:0", "[fd00::1]:443", "localhost:65535"] {
            #expect(ListenAddress(parsing: text)?.description == text)
        }
        for text in [
            "", ":1", "a", "a:", "a:-1", "a:65536", "a:+1", "::1:443", "[a]:1", "a b:1", "http://a:1", "a/b:1",
        ] {
            #expect(ListenAddress(parsing: text) == nil, "\(text)")
        }
    }

    @Test func flagsOverrideTheFile() throws {
        let arguments = try WebhookArguments.parse([
            "--config", "/x.yaml", "--address=127.0.0.1:1", "--metrics-address", "127.0.0.1:2", "--tls-cert-file", "/c",
            "--tls-key-file=/k", "--log-level", "debug",
        ])
        #expect(arguments.configurationFile == "/x.yaml")
        let document = try YAMLDocuments.parse(Array("{agent: {image: a}, server: {address: '0.0.0.0:9'}}".utf8))
        let configuration = try WebhookConfiguration(document[0], overrides: arguments.overrides)
        #expect(configuration.server.address.port == 1 && configuration.server.metricsAddress.port == 2)
        #expect(configuration.server.certificateFile == "/c" && configuration.server.keyFile == "/k")
        #expect(configuration.logLevel == .debug)
    }

    @Test func wrongFlagsAreReportedAtOnce() {
        do throws(ConfigurationProblems) {
            _ = try WebhookArguments.parse(["--adress", "--nothing", "x", "--config"])
            Issue.record("accepted")
        } catch {
            #expect(error.problems.map(\.key) == ["--adress", "--nothing", "x", "--config"])
            #expect(error.problems[0].message.contains("did you mean '--address'?"))
        }
    }

    /// `LATCHKEY_UPDATE_DOCS=1` writes the page.
    @Test func theDocumentationIsTheTable() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/configuration.md")
        if ProcessInfo.processInfo.environment["LATCHKEY_UPDATE_DOCS"] != nil {
            try ConfigurationDocumentation.page().write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == ConfigurationDocumentation.page())
    }
}
