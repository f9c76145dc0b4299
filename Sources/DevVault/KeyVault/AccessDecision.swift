/// Who asks, from a verified access token.
struct Caller: Equatable, Sendable {
    let clientID: String
    let tenantID: String
}

extension VaultConfiguration {
    /// Refuses what the caller was not granted, in the words of the service.
    func check(_ permission: Permission, for caller: Caller) throws(KeyVaultFault) {
        for grant in grants where grant.clientID.lowercased() == caller.clientID.lowercased() {
            let verbs =
                switch permission.kind {
                case .secrets: grant.secrets
                case .keys: grant.keys
                case .certificates: grant.certificates
                }
            if verbs.contains("*") || verbs.contains(where: { $0.lowercased() == permission.verb.lowercased() }) {
                return
            }
        }
        throw authorization == .rbac ? forbiddenByRbac(permission, caller) : forbiddenByPolicy(permission, caller)
    }

    private func identity(_ caller: Caller) -> String {
        "appid=\(caller.clientID);oid=\(caller.clientID);iss=https://sts.windows.net/\(caller.tenantID)/"
    }

    private func forbiddenByRbac(_ permission: Permission, _ caller: Caller) -> KeyVaultFault {
        let action = "Microsoft.KeyVault/vaults/\(permission.kind.rawValue)/\(permission.action)"
        var resource =
            "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/devvault/providers/microsoft.keyvault"
            + "/vaults/\(name)"
        if let object = permission.name { resource += "/\(permission.kind.rawValue)/\(object)" }
        return KeyVaultFault(
            403, "Forbidden",
            """
            Caller is not authorized to perform action on resource.\r
            If role assignments, deny assignments or role definitions were changed recently, please observe \
            propagation time.\r
            Caller: \(identity(caller))\r
            Action: '\(action)'\r
            Resource: '\(resource)'\r
            Assignment: (not found)\r
            DenyAssignmentId: null\r
            DecisionReason: null \r
            Vault: \(name);location=localhost\r

            """, inner: "ForbiddenByRbac")
    }

    private func forbiddenByPolicy(_ permission: Permission, _ caller: Caller) -> KeyVaultFault {
        KeyVaultFault(
            403, "Forbidden",
            "The user, group or application '\(identity(caller))' does not have \(permission.kind.rawValue) "
                + "\(permission.verb) permission on key vault '\(name);location=localhost'. For help resolving this "
                + "issue, please see https://go.microsoft.com/fwlink/?linkid=2125287", inner: "ForbiddenByPolicy")
    }
}
