import SecretSpec

/// Who logs in to which vault: the pod's annotation for the vault, the pod's annotation, the ServiceAccount's
/// annotation, the operator's default; client and tenant each on their own.
struct AzureIdentities {
    let request: PodRequest
    let account: ServiceAccount
    let configuration: InjectorConfiguration.Azure

    private static let clientAnnotation = "azure.workload.identity/client-id"
    private static let tenantAnnotation = "azure.workload.identity/tenant-id"
    private static let tokenFile = PodFragments.Path.tokens + "/" + PodFragments.Path.azureToken

    /// Azure's part of the plan, or nil where no reference needs it or a problem was found.
    ///
    /// What comes from ConfigMaps and Secrets may be references to any vault, or none: the part is there for them where
    /// the identity is known, and nothing is wrong where it isn't.
    func plan(_ problems: inout [InjectionProblem]) -> AgentPlan.Azure? {
        let isOpen = request.mayHaveHiddenReferences
        let vaults = request.azureVaults + (isOpen ? hiddenVaults : [])
        guard !vaults.isEmpty || isOpen else { return nil }
        request.forEachReference { reference, key in
            if !isKnown(reference) { problems.append(foreignHost(of: reference, key)) }
        }
        let known = Set(vaults)
        for (vault, identity) in request.azureByVault.sorted(by: { $0.key < $1.key }) where !known.contains(vault) {
            let part = identity.clientID == nil ? "tenant" : "client"
            problems.append(
                InjectionProblem(
                    kind: .badAnnotation, key: "\(AnnotationTable.prefix)azure-\(part)-id.\(Shown.text(vault))",
                    message: "no reference of the pod names this vault; the pod's vaults: \(Shown.list(vaults))"))
        }
        var ofAccount: [InjectionProblem] = []
        let clientOfAccount = guid(Self.clientAnnotation, &ofAccount)
        let tenantOfAccount = guid(Self.tenantAnnotation, &ofAccount)
        if !request.azureVaults.isEmpty { problems += ofAccount }
        let client = request.azure.clientID?.text ?? clientOfAccount ?? configuration.clientID
        let tenant = request.azure.tenantID?.text ?? tenantOfAccount ?? configuration.tenantID
        var byVault: [String: AgentPlan.Azure.Identity] = [:]
        var missing: Set<String> = []
        for vault in vaults {
            let own = request.azureByVault.isEmpty ? nil : request.azureByVault[vault]
            let clientID = own?.clientID?.text ?? client
            let tenantID = own?.tenantID?.text ?? tenant
            if clientID == nil { missing.insert("client") }
            if tenantID == nil { missing.insert("tenant") }
            if own != nil, let clientID, let tenantID {
                byVault[vault] = .init(tenantID: tenantID, clientID: clientID)
            }
        }
        if request.azureVaults.isEmpty, !missing.isEmpty { return nil }
        for part in missing.sorted() {
            problems.append(
                InjectionProblem(
                    kind: .identity, key: "\(AnnotationTable.prefix)azure-\(part)-id",
                    message: "it is not known as which \(part) to log in: annotate ServiceAccount \(account.name) with "
                        + "azure.workload.identity/\(part)-id, or the pod with this annotation"
                        + ", or let the operator configure azure.\(part)ID"))
        }
        // Where each vault has its own identity there may be no common one; the plan wants one nonetheless.
        let common = client.flatMap { client in tenant.map { AgentPlan.Azure.Identity(tenantID: $0, clientID: client) }
        }
        guard problems.isEmpty, let identity = common ?? vaults.compactMap({ byVault[$0] }).first else { return nil }
        return AgentPlan.Azure(
            authority: configuration.authority,
            tokenFile: Self.tokenFile, domains: configuration.domains,
            endpoints: configuration.endpoints.isEmpty || isOpen
                ? configuration.endpoints : configuration.endpoints.filter { known.contains($0.key) },
            identity: identity, vaultIdentities: byVault)
    }

    /// Vaults that no reference names that can be seen, but the pod states an identity for.
    private var hiddenVaults: [String] {
        let visible = Set(request.azureVaults)
        return request.azureByVault.keys.filter { !visible.contains($0) }.sorted()
    }

    private func foreignHost(of reference: SecretReference, _ key: String) -> InjectionProblem {
        InjectionProblem(
            kind: .badReference, key: key,
            message: "the vault's host \"\(Shown.text(reference.object.authority))\" is not of this "
                + "cluster's cloud; tokens go only to "
                + configuration.domains.map { "*.\($0.suffix)" }.joined(separator: ", ")
                + " and to vaults that the operator configured")
    }

    /// An id in the ServiceAccount's annotations; one that is no GUID is a problem.
    private func guid(_ annotation: String, _ problems: inout [InjectionProblem]) -> String? {
        guard let text = account.annotations[annotation] else { return nil }
        guard let guid = GUID(text) else {
            problems.append(
                InjectionProblem(
                    kind: .identity, key: "ServiceAccount \(account.name), \(annotation)",
                    message: "\"\(Shown.text(text))\" is not \(GUID.accepted)"))
            return nil
        }
        return guid.text
    }

    private func isKnown(_ reference: SecretReference) -> Bool {
        guard reference.object.scheme == "akv" else { return true }
        let vault = reference.object.authority.asciiLowercased
        guard vault.utf8.contains(UInt8(ascii: ".")), configuration.endpoints[vault] == nil else { return true }
        // Exactly one label before the suffix: that is what the vaults' hosts look like.
        return configuration.domains.contains { domain in
            let host = domain.suffix.split(separator: ":").first.map(String.init) ?? domain.suffix
            let suffix = "." + host.lowercased()
            guard vault.utf8.count > suffix.utf8.count, vault.hasSuffix(suffix) else { return false }
            return !vault.dropLast(suffix.count).contains(".")
        }
    }
}
