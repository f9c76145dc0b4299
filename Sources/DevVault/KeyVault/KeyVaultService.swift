import JSON

/// The Key Vault data plane: challenge, rights, api-version, then the operation.
struct KeyVaultService: Sendable {
    let store: DevVaultStore
    let configuration: DevVaultConfiguration
    let tokens: AccessTokens

    /// The stable versions in use.
    static let apiVersions: Set<String> = [
        "7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "2025-07-01", "2026-04-01",
    ]

    /// Whether a path is one of the data plane's.
    static func isResponsible(for path: [String]) -> Bool {
        guard let first = path.first?.lowercased() else { return false }
        let name = first.hasPrefix("deleted") ? String(first.dropFirst(7)) : first
        return ObjectKind(rawValue: name) != nil || first == "rng"
    }

    func answer(_ request: DevVaultRequest) -> DevVaultResponse {
        do throws(KeyVaultFault) {
            return try answerOrFault(request)
        } catch {
            var response = DevVaultResponse(error)
            if error.status == 401 { response.headers.append(("WWW-Authenticate", challenge(for: request))) }
            return response
        }
    }

    private func answerOrFault(_ request: DevVaultRequest) throws(KeyVaultFault) -> DevVaultResponse {
        let vault = try vault(for: request)
        let caller = try tokens.caller(of: request)
        guard let version = request.parameter("api-version"), !version.isEmpty else {
            throw .badParameter("The api-version query parameter is missing.")
        }
        guard Self.apiVersions.contains(version) else {
            throw .badParameter("The specified version (\(version)) is not recognized.")
        }
        guard let route = KeyVaultRoute(method: request.method, path: request.path) else {
            throw KeyVaultFault(
                405, "MethodNotAllowed", "The dev vault has no operation \(request.method) for this path.")
        }
        if let name = route.permission.name { try ObjectName.check(name) }
        try vault.check(route.permission, for: caller)
        let call = KeyVaultCall(
            store: store, vault: vault.name, request: request,
            render: BundleRenderer(base: "https://\(request.host)", apiVersion: version))
        return try call.perform(route)
    }

    /// The vault that the host's first label names; the default one for an address or plain `localhost`.
    private func vault(for request: DevVaultRequest) throws(KeyVaultFault) -> VaultConfiguration {
        let host = request.host.split(separator: ":").first.map(String.init)?.lowercased() ?? ""
        let label = host.split(separator: ".").first.map(String.init) ?? ""
        let isAddress = host.hasPrefix("[") || host.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
        let name =
            isAddress || host == "localhost"
            ? configuration.defaultVault ?? configuration.vaults.first?.name ?? "" : label
        guard let vault = configuration.vaults.first(where: { $0.name.lowercased() == name.lowercased() }) else {
            throw .vaultNotFound
        }
        return vault
    }

    /// The official clients compare the resource with the end of the host that they asked, so it follows the request.
    private func challenge(for request: DevVaultRequest) -> String {
        let host = request.host
        var resource = "https://\(configuration.dnsSuffix)"
        if host.lowercased().split(separator: ":").first?.hasSuffix("." + configuration.dnsSuffix) ?? false,
            let dot = host.firstIndex(of: ".")
        {
            resource = "https://" + host[host.index(after: dot)...]
        }
        let port = host.lastIndex(of: ":").map { host[$0...] } ?? ""
        return "Bearer authorization=\"https://localhost\(port.contains("]") ? "" : port)/\(configuration.tenantID)\", "
            + "resource=\"\(resource)\""
    }
}
