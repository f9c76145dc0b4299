import JSON
import Testing
import VaultClient

@testable import Webhook

@Suite struct PullSecretReaderTests {
    private let asked = Shared<[String]>([])

    private func reader(_ objects: [String: JSONValue], fault: PullSecretError.Fault = .notFound) -> PullSecretReader {
        PullSecretReader { [asked] path in
            asked.change { $0.append(path) }
            return objects[path].map { .success(SecretBytes($0.serialized())) } ?? .failure(fault)
        }
    }

    private func secret(_ type: String, _ key: String, _ content: String) -> JSONValue {
        [
            "kind": "Secret", "type": .string(type),
            "data": .object(JSONObject([.init(name: key, value: .string(Base64Text.encode(Array(content.utf8))))])),
        ]
    }

    private let entry = "{\"r.example\":{\"username\":\"USER\",\"password\":\"canary\"}}"

    @Test func bothFormsAreReadInOrderAndWhatIsNoPullSecretIsPassedOver() async throws {
        let base = "/api/v1/namespaces/shop/secrets"
        let reader = reader([
            "\(base)/old": secret("kubernetes.io/dockercfg", ".dockercfg", entry.replacing("USER", with: "old")),
            "\(base)/new": secret(
                "kubernetes.io/dockerconfigjson", ".dockerconfigjson",
                "{\"auths\":\(entry.replacing("USER", with: "new"))}"),
            "\(base)/opaque": secret("Opaque", ".dockerconfigjson", "{\"auths\":\(entry)}"),
        ])
        let configs = try await reader.configs(namespace: "shop", names: ["opaque", "missing", "old", "new"])
        let image = try ImageReference(parsing: "r.example/a")
        #expect(DockerConfig.credentials(for: image, in: configs).map(\.username) == ["old", "new"])
        #expect(asked.value.count == 4)
    }

    @Test func theAccountsCountWhereThePodNamesNone() async throws {
        let reader = reader([
            "/api/v1/namespaces/shop/serviceaccounts/web": ["imagePullSecrets": [["name": "new"], [:]]],
            "/api/v1/namespaces/shop/secrets/new": secret("kubernetes.io/dockercfg", ".dockercfg", entry),
        ])
        #expect(try await reader.configs(namespace: "shop", names: [], serviceAccount: "web").count == 1)
        #expect(try await reader.configs(namespace: "shop", names: []).isEmpty)
        #expect(try await reader.configs(namespace: "shop", names: ["other"], serviceAccount: "web").isEmpty)
    }

    @Test(arguments: [
        ("../kube-system", "a"), ("shop", "../x"), ("shop", "a/b"), ("shop", "a?x"), ("shop", ""), ("", "a"),
        ("shop", "A"),
    ])
    func forgedNamesCauseNoRequest(namespace: String, name: String) async {
        await #expect(throws: PullSecretError.invalidName) {
            try await reader([:]).configs(namespace: namespace, names: [name])
        }
        await #expect(throws: PullSecretError.invalidName) {
            try await reader([:]).configs(namespace: namespace, names: [], serviceAccount: name)
        }
        #expect(asked.value.isEmpty)
    }

    @Test func theirNumberIsBounded() async {
        await #expect(throws: PullSecretError.tooMany) {
            try await reader([:]).configs(namespace: "shop", names: (0..<9).map { "s\($0)" })
        }
        #expect(asked.value.isEmpty)
    }

    @Test func faultsNameTheRemedyAndNothingOfTheSecret() async throws {
        let forbidden = PullSecretError.notRead(kind: "secrets", name: "s", .forbidden)
        await #expect(throws: forbidden) {
            try await reader([:], fault: .forbidden).configs(namespace: "shop", names: ["s"])
        }
        #expect(forbidden.description.contains("verb 'get' on 'secrets'"))
        let broken = reader([
            "/api/v1/namespaces/shop/secrets/s": secret(
                "kubernetes.io/dockercfg", ".dockercfg", "{\"r\":{\"auth\":\"canary\"}}")
        ])
        let error = await #expect(throws: PullSecretError.self) {
            try await broken.configs(namespace: "shop", names: ["s"])
        }
        #expect(error == .malformed(name: "s", .auth) && error?.description.contains("canary") == false)
    }
}
