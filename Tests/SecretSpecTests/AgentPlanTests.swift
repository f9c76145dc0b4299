import JSON
import SecretSpec
import TestSupport
import Testing

struct AgentPlanTests {
    static let text = #"""
        {"version":1,"directory":"/run/latchkey/secrets","group":2000,"startDeadlineSeconds":60,"files":[
        {"source":"latchkey.dev/secret.db","path":"db","mode":"440","reference":"akv://shop/db-password#user"},
        {"source":"latchkey.dev/secret.all","path":"conf/all","mode":"0","reference":"akv://shop.vault.azure.net/all#*"},
        {"source":"latchkey.dev/template.t","path":"t","mode":"400","template":["a=",{"reference":"akv://shop/a#b|c}"},
        {"reference":"akv://shop/a","filter":"json"}]}],
        "refresh":{"intervalMilliseconds":120000,"onRevoked":"remove","restartSpreadSeconds":300,"port":9797,
        "metrics":true,"reactions":[{"sources":["latchkey.dev/secret.db"],"signal":"SIGHUP"},
        {"sources":["latchkey.dev/secret.db","latchkey.dev/template.t"],
        "request":{"method":"PUT","url":"http://127.0.0.1:8080/-/reload","status":204}},
        {"sources":["latchkey.dev/secret.all"],"restartByProbe":{"containers":["app"],"windowSeconds":35}},
        {"sources":["latchkey.dev/secret.all"],"restartBySignal":{"graceSeconds":30}}]},
        "azure":{"authority":"https://login.microsoftonline.com","tokenFile":"/run/latchkey/tokens/azure",
        "domains":[{"suffix":"vault.azure.net","scope":"https://vault.azure.net/.default"}],
        "endpoints":{"shop":"https://10.0.0.5:8443"},"identity":{"tenantID":"t","clientID":"c"},
        "vaultIdentities":{"shop":{"tenantID":"t2","clientID":"c2"}}},"caBundle":"-----BEGIN CERTIFICATE-----\n"}
        """#

    static func document() throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    @Test func aWholePlanIsReadAndWrittenBack() throws {
        let plan = try AgentPlan(json: Self.document())
        #expect(plan.directory == "/run/latchkey/secrets")
        #expect(plan.group == 2000)
        #expect(plan.files.map(\.mode) == [0o440, 0, 0o400])
        #expect(plan.files.map(\.path.text) == ["db", "conf/all", "t"])
        #expect(plan.files.map(\.isDirectory) == [false, true, false])
        #expect(plan.files.map(\.references.count) == [1, 1, 2])
        let refresh = try #require(plan.refresh)
        #expect(refresh.intervalMilliseconds == 120_000 && refresh.onRevoked == .remove && refresh.servesMetrics)
        #expect(refresh.restartSpreadSeconds == 300 && refresh.port == 9797)
        #expect(
            refresh.reactions.map(\.action) == [
                .signal(try #require(Signal(name: "SIGHUP"))),
                .request(.init(method: "PUT", url: "http://127.0.0.1:8080/-/reload", status: 204)),
                .restartByProbe(containers: ["app"], windowSeconds: 35), .restartBySignal(graceSeconds: 30),
            ])
        #expect(
            refresh.reactions.map(\.sources).dropFirst().first == ["latchkey.dev/secret.db", "latchkey.dev/template.t"])
        #expect(plan.azure?.vaultIdentities["shop"]?.clientID == "c2")
        #expect(plan.json == (try Self.document()))
        #expect(plan.json.serialized() == (try Self.document()).serialized())
        #expect(try AgentPlan(json: JSONValue(parsing: plan.json.serialized())) == plan)
    }

    @Test func theSmallestPlan() throws {
        let plan = AgentPlan(directory: "/d", group: nil, files: [], startDeadlineSeconds: 0, azure: nil, caBundle: nil)
        #expect(plan.json.text == #"{"version":1,"directory":"/d","startDeadlineSeconds":0,"files":[]}"#)
        #expect(try AgentPlan(json: plan.json) == plan)
    }

    @Test func equalPlansGiveEqualBytes() throws {
        func plan(_ names: [String]) throws -> AgentPlan {
            let azure = try #require(AgentPlan(json: Self.document()).azure)
            var endpoints: [String: String] = [:]
            for name in names { endpoints[name] = "https://\(name)" }
            return AgentPlan(
                directory: "/d", group: 1, files: [], startDeadlineSeconds: 1,
                azure: .init(
                    authority: azure.authority, tokenFile: azure.tokenFile, domains: azure.domains,
                    endpoints: endpoints,
                    identity: azure.identity), caBundle: nil)
        }
        let names = (0..<50).map { "vault\($0)" }
        let bytes = try plan(names).json.serialized()
        #expect(try plan(names.reversed()).json.serialized() == bytes)
        #expect(try plan(names) == plan(names.reversed()))
        #expect(try plan(names) != plan(names.dropLast()))
    }

    /// Each line breaks one place: what is put there (nil: it is taken away) and how the sentence must begin.
    @Test(
        arguments: [
            ("/version", nil, "version is missing"), ("/version", "1", "version is not an integer"),
            ("/version", [1], "version is not an integer"),
            ("/version", -1, "version is not an integer"), ("/directory", nil, "directory is missing"),
            ("/directory", 1, "directory is not a string"), ("/directory", "d", "directory is not an absolute path"),
            ("/directory", "", "directory is not an absolute path"),
            ("/directory", "/\0", "directory is not an absolute path"), ("/group", "1", "group is not an integer"),
            ("/group", -1, "group is not an integer"),
            ("/group", 4294967296, "group is not an integer"), ("/group", .null, "group is not an integer"),
            ("/startDeadlineSeconds", nil, "startDeadlineSeconds is missing"),
            ("/startDeadlineSeconds", 86401, "startDeadlineSeconds is not an integer from 0 to 86400"),
            ("/files", nil, "files is missing"), ("/files", [:], "files is not an array"),
            ("/files/1", 1, "files[1].reference is missing"), ("/files/1", .null, "files[1].reference is missing"),
            ("/files/1/source", nil, "files[1].source is missing"),
            ("/files/1/source", 1, "files[1].source is not a string"),
            ("/files/1/path", nil, "files[1].path is missing"),
            ("/files/1/path", "../x", "files[1].path is not a relative path"),
            ("/files/1/path", 1, "files[1].path is not a string"), ("/files/0/mode", nil, "files[0].mode is missing"),
            ("/files/0/mode", 440, "files[0].mode is not a string"),
            ("/files/0/mode", "888", "files[0].mode is not an octal number"),
            ("/files/0/mode", "1000", "files[0].mode is not an octal number"),
            ("/files/0/mode", "+440", "files[0].mode is not an octal number"),
            ("/files/0/mode", "-0", "files[0].mode is not an octal number"),
            ("/files/0/mode", "", "files[0].mode is not an octal number"),
            ("/files/0/mode", "99999999999999999999", "files[0].mode is not an octal number"),
            ("/files/0/reference", nil, "files[0].reference is missing"),
            ("/files/0/reference", "hunter2", "files[0].reference is not a reference"),
            ("/files/0/reference", "akv://shop", "files[0].reference names no secret"),
            ("/files/2/template", nil, "files[2].reference is missing"),
            ("/files/2/template", "x", "files[2].template is not an array"),
            ("/files/2/template/0", 1, "files[2].template[0].reference is missing"),
            ("/files/2/template/1/reference", nil, "files[2].template[1].reference is missing"),
            ("/files/2/template/1/reference", "db", "files[2].template[1].reference is not a reference"),
            ("/files/2/template/2/filter", "html", "files[2].template[2].filter is none of the words"),
            ("/files/2/template/2/filter", 1, "files[2].template[2].filter is not a string"),
            ("/refresh", .null, "refresh.intervalMilliseconds is missing"),
            ("/refresh/intervalMilliseconds", nil, "refresh.intervalMilliseconds is missing"),
            ("/refresh/intervalMilliseconds", 9, "refresh.intervalMilliseconds is not an integer from 10 to 604800000"),
            ("/refresh/onRevoked", "drop", "refresh.onRevoked is none of the words"),
            ("/refresh/onRevoked", nil, "refresh.onRevoked is missing"),
            ("/refresh/restartSpreadSeconds", -1, "refresh.restartSpreadSeconds is not an integer from 0 to 86400"),
            ("/refresh/port", 0, "refresh.port is not an integer from 1 to 65535"),
            ("/refresh/port", 65536, "refresh.port is not an integer from 1 to 65535"),
            ("/refresh/metrics", nil, "refresh.metrics is missing"),
            ("/refresh/metrics", 1, "refresh.metrics is neither true nor false"),
            ("/refresh/reactions", [:], "refresh.reactions is not an array"),
            ("/refresh/reactions/0", 1, "refresh.reactions[0].restartBySignal is missing"),
            ("/refresh/reactions/0/sources", nil, "refresh.reactions[0].sources is missing"),
            ("/refresh/reactions/0/sources/0", 1, "refresh.reactions[0].sources[0] is not a string"),
            ("/refresh/reactions/0/signal", "SIGSTOP", "refresh.reactions[0].signal is none of the words"),
            ("/refresh/reactions/0/signal", "HUP", "refresh.reactions[0].signal is none of the words"),
            ("/refresh/reactions/1/request/url", "http://10.0.0.1:1/", "refresh.reactions[1].request is not"),
            ("/refresh/reactions/1/request/method", "TRACE", "refresh.reactions[1].request is not"),
            ("/refresh/reactions/1/request/status", 99, "refresh.reactions[1].request.status is not an integer"),
            (
                "/refresh/reactions/2/restartByProbe/windowSeconds", 0,
                "refresh.reactions[2].restartByProbe.windowSeconds is not an integer from 1 to 3600"
            ),
            (
                "/refresh/reactions/2/restartByProbe/containers", nil,
                "refresh.reactions[2].restartByProbe.containers is"
            ),
            ("/refresh/reactions/3/restartBySignal/graceSeconds", 86401, "refresh.reactions[3].restartBySignal.grace"),
            ("/azure", nil, "azure is missing, but latchkey.dev/secret.db needs it"),
            ("/azure", 1, "azure.authority is missing"),
            ("/azure/authority", nil, "azure.authority is missing"),
            ("/azure/authority", 1, "azure.authority is not a string"),
            ("/azure/tokenFile", nil, "azure.tokenFile is missing"),
            ("/azure/tokenFile", "t", "azure.tokenFile is not an absolute path"),
            ("/azure/domains", nil, "azure.domains is missing"), ("/azure/domains", [], "azure.domains is empty"),
            ("/azure/domains", "x", "azure.domains is not an array"),
            ("/azure/domains/0", 1, "azure.domains[0].suffix is missing"),
            ("/azure/domains/0/suffix", 1, "azure.domains[0].suffix is not a string"),
            ("/azure/domains/0/scope", nil, "azure.domains[0].scope is missing"),
            ("/azure/endpoints", 1, "azure.endpoints is not an object"),
            ("/azure/endpoints", .null, "azure.endpoints is not an object"),
            ("/azure/endpoints/shop", 1, "azure.endpoints.shop is not a string"),
            ("/azure/identity", nil, "azure.identity is missing"),
            ("/azure/identity", 1, "azure.identity.tenantID is missing"),
            ("/azure/identity/tenantID", nil, "azure.identity.tenantID is missing"),
            ("/azure/identity/clientID", 1, "azure.identity.clientID is not a string"),
            ("/azure/vaultIdentities", [], "azure.vaultIdentities is not an object"),
            ("/azure/vaultIdentities/shop", [], "azure.vaultIdentities.shop.tenantID is missing"),
            ("/azure/vaultIdentities/shop/clientID", nil, "azure.vaultIdentities.shop.clientID is missing"),
            ("/caBundle", 1, "caBundle is not a string"), ("/caBundle", .null, "caBundle is not a string"),
            ("", .null, "version is missing"), ("", [], "version is missing"),
        ] as [(String, JSONValue?, String)])
    func everyMalformedPlaceIsNamed(_ place: String, _ value: JSONValue?, _ expected: String) throws {
        let path = try #require(JSONPointer(parsing: place))
        let patch = JSONPatch([value.map { .replace(path: path, value: $0) } ?? .remove(path: path)])
        let broken = try patch.applied(to: Self.document())
        let error = #expect(throws: AgentPlanError.self) { try AgentPlan(json: broken) }
        let sentence = try #require(error).description
        #expect(sentence.hasPrefix("the plan is not usable: \(expected)"), "\(sentence)")
    }

    @Test func anotherVersionSaysWhatToDo() throws {
        let patch = JSONPatch([.replace(path: JSONPointer(["version"]), value: 2)])
        let error = #expect(throws: AgentPlanError.self) { try AgentPlan(json: patch.applied(to: Self.document())) }
        #expect(error == .unknownVersion(2))
        #expect(error?.description.contains("run webhook and agent of one release") == true)
    }

    @Test func unknownMembersAreIgnored() throws {
        let patch = JSONPatch([.add(path: JSONPointer(["later"]), value: [1])])
        #expect(try AgentPlan(json: patch.applied(to: Self.document())) == AgentPlan(json: Self.document()))
    }
}
