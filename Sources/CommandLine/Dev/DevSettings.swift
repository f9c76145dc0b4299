import DevVault
import JSON
import Webhook
import YAML

/// What a dev environment serves.
struct DevSettings: Sendable {
    /// The issuer of `latchkey dev token`.
    static let issuer = "https://latchkey-dev.localhost"
    /// Who `latchkey dev secret` is.
    static let developerSubject = "latchkey:developer"
    static let developerClientID = "0d0d0d0d-0000-4000-8000-00000000d0d0"
    /// The application of identities that name none.
    static let defaultClientID = "22222222-3333-4444-8555-666666666666"
    static let audience = "api://AzureADTokenExchange"
    static let scope = "https://vault.azure.net/.default"

    var port: Int
    /// Nil starts no webhook.
    var webhookPort: Int?
    var agentImage: String
    /// Whose shape the webhook gives to pods; it has no cluster to ask.
    var clusterVersion = ClusterVersion.version(.nativeSidecars)
    var vaults = ["shop"]
    var identities = [DevIdentity(namespace: "default", name: "default")]
    var issuers: [DevIssuerFile] = []
    var vaultConfigurationFile: String?

    /// The vault's configuration. Pods may read, the developer may do everything.
    func vaultConfiguration(
        in folder: DevFolder, issuer: DevelopmentIssuer, controlToken: String
    ) throws -> DevVaultConfiguration {
        var configuration = DevVaultConfiguration()
        if let vaultConfigurationFile {
            configuration = try Self.read(vaultConfigurationFile)
        } else {
            configuration.vaults = vaults.map { VaultConfiguration($0) }
            let trusted = [Self.issuer] + issuers.map(\.issuer)
            configuration.identities = trusted.flatMap { issuer in
                identities.map { identity in
                    FederatedIdentity(
                        issuer: issuer, subject: identity.subject, audience: Self.audience, clientID: identity.clientID)
                }
            }
            configuration.issuers = issuers.map { TrustedIssuer(issuer: $0.issuer, keys: .file($0.file)) }
            for clientID in Set(identities.map(\.clientID)).sorted() {
                let grant = VaultGrant(
                    clientID: clientID, secrets: ["get", "list"], keys: ["get", "list"], certificates: ["get", "list"])
                for index in configuration.vaults.indices { configuration.vaults[index].grants.append(grant) }
            }
            configuration.port = port
        }
        configuration.stateFile = configuration.stateFile ?? folder.stateFile
        configuration.certificateFolder = folder.path
        configuration.controlToken = configuration.controlToken ?? controlToken
        configuration.issuers.append(TrustedIssuer(issuer: Self.issuer, keys: .inline(issuer.keySet)))
        configuration.identities.append(
            FederatedIdentity(
                issuer: Self.issuer, subject: Self.developerSubject, audience: Self.audience,
                clientID: Self.developerClientID))
        for index in configuration.vaults.indices {
            configuration.vaults[index].grants.append(VaultGrant(clientID: Self.developerClientID))
        }
        return configuration
    }

    private static func read(_ file: String) throws -> DevVaultConfiguration {
        let documents: [JSONValue]
        do { documents = try YAMLDocuments.parse(try InputFile.read(file)) } catch {
            throw InputProblem("\(file): \(error)")
        }
        guard documents.count == 1 else { throw InputProblem("\(file): holds \(documents.count) documents, not one") }
        do { return try DevVaultConfiguration(json: documents[0]) } catch { throw InputProblem("\(file): \(error)") }
    }
}
