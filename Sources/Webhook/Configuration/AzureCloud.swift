/// Microsoft's clouds, by the names that Azure's own tools use.
enum AzureCloud: String, CaseIterable, Sendable {
    case publicCloud = "AzurePublicCloud"
    case china = "AzureChinaCloud"
    case usGovernment = "AzureUSGovernment"

    /// The origin of Entra ID.
    var authority: String {
        switch self {
        case .publicCloud: "https://login.microsoftonline.com"
        case .china: "https://login.chinacloudapi.cn"
        case .usGovernment: "https://login.microsoftonline.us"
        }
    }

    /// The DNS suffix of its vaults.
    var vaultSuffix: String {
        switch self {
        case .publicCloud: "vault.azure.net"
        case .china: "vault.azure.cn"
        case .usGovernment: "vault.usgovcloudapi.net"
        }
    }

    /// The scope of tokens for its vaults.
    var scope: String { "https://\(vaultSuffix)/.default" }
}
