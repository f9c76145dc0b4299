import DevVault
import Foundation
import Injector
import JSON
import Webhook
import YAML

/// A running vault, login and webhook.
struct DevEnvironment: Sendable {
    let settings: DevSettings
    let folder: DevFolder
    let vault: DevVaultServer
    let webhook: WebhookServer?

    static func start(_ settings: DevSettings, in folder: DevFolder) async throws -> DevEnvironment {
        let issuer = try folder.issuer()
        var generator = SystemRandomNumberGenerator()
        let controlToken = (0..<4).map { _ in String(UInt64.random(in: .min ... .max, using: &generator), radix: 36) }
            .joined()
        let configuration = try settings.vaultConfiguration(in: folder, issuer: issuer, controlToken: controlToken)
        let vault = try await DevVaultServer.start(configuration)
        do {
            let webhook = try await startWebhook(settings, folder, vault)
            let session = DevSession(
                port: vault.port, dnsSuffix: configuration.dnsSuffix, tenantID: configuration.tenantID,
                vaults: configuration.vaults.map(\.name), controlToken: configuration.controlToken ?? controlToken)
            try folder.write(session.json.serialized(), to: folder.sessionFile)
            return DevEnvironment(settings: settings, folder: folder, vault: vault, webhook: webhook)
        } catch {
            await vault.stop()
            throw error
        }
    }

    /// Writes the sample configuration and starts a webhook with it.
    private static func startWebhook(
        _ settings: DevSettings, _ folder: DevFolder, _ vault: DevVaultServer
    ) async throws -> WebhookServer? {
        let sample = sampleConfiguration(settings, folder, vault)
        try folder.write(YAMLDocuments.print([sample]), to: folder.webhookConfigurationFile)
        guard settings.webhookPort != nil else { return nil }
        var configuration = try WebhookConfiguration(sample)
        configuration.injector.caBundle = vault.caCertificatePEM
        // Nobody waits for endpoints to be taken out of a Service here.
        configuration.server.drainDelay = .zero
        var accounts: [ServiceAccountName: [String: String]] = [:]
        for identity in settings.identities {
            accounts[ServiceAccountName(namespace: identity.namespace, name: identity.name)] = [
                "azure.workload.identity/client-id": identity.clientID,
                "azure.workload.identity/tenant-id": vault.configuration.tenantID,
            ]
        }
        return try await WebhookServer.start(configuration, serviceAccounts: FixedServiceAccounts(accounts))
    }

    private static func sampleConfiguration(
        _ settings: DevSettings, _ folder: DevFolder, _ vault: DevVaultServer
    ) -> JSONValue {
        [
            "cluster": ["version": .string(settings.clusterVersion.description)],
            "agent": ["image": .string(settings.agentImage), "caBundleFile": .string(folder.absolute.caFile)],
            "azure": [
                "authority": .string(vault.authorityURL),
                "vaultDnsSuffix": .string("\(vault.configuration.dnsSuffix):\(vault.port)"),
                "scope": .string(DevSettings.scope), "tenantID": .string(vault.configuration.tenantID),
            ],
            "server": [
                "address": .string("127.0.0.1:\(settings.webhookPort ?? 8442)"), "metricsAddress": "127.0.0.1:0",
                "tls": [
                    "certificateFile": .string(folder.absolute.certificateFile),
                    "keyFile": .string(folder.absolute.keyFile),
                ],
            ],
        ]
    }

    func stop() async {
        try? FileManager.default.removeItem(atPath: folder.sessionFile)
        await webhook?.stop()
        await vault.stop()
    }
}

extension DevFolder {
    /// The same folder from the root, for files that are read elsewhere.
    var absolute: DevFolder { DevFolder(path: URL(fileURLWithPath: path).path) }
}
