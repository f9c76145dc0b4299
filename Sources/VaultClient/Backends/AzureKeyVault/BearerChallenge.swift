/// What a vault's 401 says about the token it wants (`WWW-Authenticate: Bearer authorization="...", resource="..."`).
///
/// Nothing is ever sent where a challenge points: tenant, authority and scope are known from the plan. It is read to
/// say what does not fit.
struct BearerChallenge: Sendable, Equatable {
    private(set) var authorization: String?
    private(set) var resource: String?

    /// Nil for another scheme than Bearer.
    init?(_ header: String) {
        guard header.prefix(7).lowercased() == "bearer " else { return nil }
        var rest = header.dropFirst(7)
        while !rest.isEmpty {
            rest = rest.drop { $0 == " " || $0 == "," }
            let name = rest.prefix { $0 != "=" && $0 != "," }
            rest = rest.dropFirst(name.count)
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst()
            let value: Substring
            if rest.first == "\"" {
                rest = rest.dropFirst()
                value = rest.prefix { $0 != "\"" }
                rest = rest.dropFirst(value.count).dropFirst()
            } else {
                value = rest.prefix { $0 != "," && $0 != " " }
                rest = rest.dropFirst(value.count)
            }
            switch name.lowercased() {
            case "authorization", "authorization_uri": authorization = String(value)
            case "resource", "scope": resource = String(value)
            default: break
            }
        }
    }

    /// Authorities that Azure's vaults name in challenges beside the one that clients are told to use.
    private static let authorityAliases: Set<String> = [
        "login.windows.net", "login.microsoftonline.com", "sts.windows.net", "login.microsoftonline.us",
        "login-us.microsoftonline.com", "login.chinacloudapi.cn", "login.partner.microsoftonline.cn",
    ]

    /// What keeps the plan's token from being the one that is wanted, as part of a sentence; nil where it is.
    func mismatch(vault: Origin, scope: String, authority: Origin?, tenantID: String) -> String? {
        if let resource {
            let wanted = try? Origin(url: resource)
            let scopeOrigin = try? Origin(url: scope)
            guard let wanted,
                wanted == scopeOrigin || vault.host == wanted.host || vault.host.hasSuffix(".\(wanted.host)")
            else {
                return "it asks for a token for \(wanted?.host ?? "something that is no https origin"), "
                    + "which is not the domain it lies in; nothing was sent there"
            }
        }
        guard let authorization else { return nil }
        guard let origin = try? Origin(url: authorization),
            origin == authority || (origin.port == 443 && Self.authorityAliases.contains(origin.host))
        else {
            return "it sends clients to log in at an authority that is not the configured one; nothing was sent there"
        }
        guard let wanted = Self.tenant(authorization), let mine = RemoteID(tenantID), wanted != mine else { return nil }
        return "it belongs to tenant \(wanted), but the login is to tenant \(mine); correct azure-tenant-id"
    }

    private static func tenant(_ authorization: String) -> RemoteID? {
        RemoteID(authorization.split(separator: "/").dropFirst(2).first.map(String.init))
    }
}
