import DevVault
import Webhook

extension DevEnvironment {
    /// What runs where, and what to do with it.
    var summary: String {
        let files = folder.absolute
        let vaults = vault.configuration.vaults.map(\.name)
        var rows = vaults.map { ("Vault", vault.vaultURL($0)) }
        rows.append(("Login", "\(vault.authorityURL)/\(vault.configuration.tenantID)"))
        if let webhook { rows.append(("Webhook", "https://127.0.0.1:\(webhook.port)/mutate")) }
        if settings.vaultConfigurationFile == nil {
            rows += settings.identities.map { identity in
                ("Identity", "ServiceAccount \(identity.namespace)/\(identity.name), client id \(identity.clientID)")
            }
        }
        rows += [
            ("CA", files.caFile), ("Webhook's configuration", files.webhookConfigurationFile),
            ("State", "\(files.stateFile) (secrets in the clear; for development only)"),
        ]
        let width = rows.map(\.0.count).max() ?? 0
        let table = rows.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + value
        }
        let data = folder.path == DevFolder.standard.path ? "" : " --data \(files.path)"
        let account = settings.identities.first.map { "\($0.namespace)/\($0.name)" } ?? "default/default"
        return
            (table + [
                "",
                "Put a secret in, see what a manifest becomes, log in as a pod would:",
                "  latchkey dev secret set \(vaults.first ?? "shop")/db-password s3cret\(data)",
                "  latchkey inject -f pod.yaml --config \(files.webhookConfigurationFile)",
                "  latchkey dev token \(account)\(data)",
                "",
                "Ctrl-C stops everything.",
            ]).joined(separator: "\n")
    }
}
