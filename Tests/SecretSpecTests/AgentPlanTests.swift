import JSON
import SecretSpec
import TestSupport
import Testing

struct AgentPlanTests {
    static let text = #"""
        {"version":1,"directory":"/run/latchkey/secrets","group":2000,"startDeadlineSeconds":60,"files":[
        {"source":"latchkey.dev/secret.db","path":"db","mode":"440","reference":"akv://shop/db-password#user"},
        {"source":"latchkey.dev/secret.all","path":"conf/all","mode":"0","reference":"akv://shop.vault.azure.net/all#*"}],
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
        #expect(plan.files.map(\.mode) == [0o440, 0])
        #expect(plan.files.map(\.path.text) == ["db", "conf/all"])
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
