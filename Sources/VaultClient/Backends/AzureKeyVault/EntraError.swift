internal import JSON
internal import SecretSpec

/// A refusal of Entra ID's token endpoint, reduced to what is safe to repeat: status, error numbers, correlation id.
struct EntraError: Sendable, Equatable {
    let status: Int
    /// The first AADSTS number.
    let code: Int?
    /// Whether it is in OAuth's form (RFC 6749, 5.2), and not the page of a proxy or of something else.
    let isOwn: Bool
    /// Whether OAuth's own error is one that passes.
    let isTemporary: Bool
    let correlationID: RemoteID?
    let retryAfter: Duration?

    init(_ response: HTTPResponse, wallSeconds: Int) {
        let json = response.body.json
        status = response.status
        code = json?["error_codes"]?.array?.first?.int ?? Self.code(in: json?["error_description"]?.string)
        isOwn = json?["error"]?.string != nil
        isTemporary = ["temporarily_unavailable", "server_error"].contains(json?["error"]?.string)
        correlationID = RemoteID(json?["correlation_id"]?.string)
        retryAfter = response.retryAfter(wallSeconds: wallSeconds)
    }

    /// The number in `AADSTS700016: Application with identifier ...`.
    private static func code(in description: String?) -> Int? {
        guard let description, description.utf8.starts(with: "AADSTS".utf8) else { return nil }
        let digits = description.utf8.dropFirst(6).prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        return digits.count <= 9 ? Int(String(decoding: digits, as: UTF8.self)) : nil
    }
}

extension EntraError {
    /// The sentence that names the remedy. A new AADSTS number gets its sentence here.
    func vaultError(
        identity: AgentPlan.Azure.Identity, scope: String, assertion: JSONWebToken
    ) -> VaultError {
        if status == 429 {
            return VaultError(
                .throttled, "Microsoft Entra ID refuses more logins for now\(trace)", isTransient: true,
                retryAfter: retryAfter)
        }
        if code == 90061 || code == 50166 {
            return VaultError(
                .unavailable,
                "Microsoft Entra ID cannot read the issuer \(FederatedClaims(assertion).issuer); check that the "
                    + "cluster's issuer URL and the keys (JWKS) it names are public\(trace)", isTransient: true,
                retryAfter: retryAfter)
        }
        if status >= 500 || isTemporary || code.map(Self.transientCodes.contains) == true {
            return VaultError(
                .unavailable, "Microsoft Entra ID cannot answer now (status \(status))\(trace)", isTransient: true,
                retryAfter: retryAfter)
        }
        guard isOwn || code != nil else {
            return VaultError(
                .malformedAnswer,
                "what answered the login with status \(status) is not Microsoft Entra ID; check the operator's "
                    + "azure.authority, and what a proxy or firewall on the way does\(trace)")
        }
        if code.map(Self.scopeCodes.contains) == true {
            return VaultError(
                .notConfigured,
                "Microsoft Entra ID knows no scope '\(scope)' in tenant \(identity.tenantID); check the operator's "
                    + "azure.scope\(trace)")
        }
        return VaultError(
            .loginRefused, "\(sentence(identity, assertion))\(trace)",
            isTransient: code.map(Self.refusals.contains) != true)
    }

    /// AADSTS numbers that say of the identity that it may not log in, or is none. Others are not known to say that, the
    /// clock's and the signing keys' among them, and pass or not.
    private static let refusals: Set<Int> = [
        // No such application or tenant.
        700016, 700011, 90002, 900023,
        // No federated identity credential that matches, or the credential is not taken.
        70021, 700211, 700212, 700213, 70025, 7000215, 7000222, 7000218, 70002,
        // Disabled, not assigned, blocked by policy.
        70001, 7000112, 7000229, 50105, 501051, 53003, 530004, 530035,
    ]

    /// The operator's configuration is wrong, whoever logs in.
    private static let scopeCodes: Set<Int> = [70011, 500011, 1002012, 650057]

    /// AADSTS numbers that Microsoft describes as passing
    /// (https://learn.microsoft.com/entra/identity-platform/reference-error-codes).
    private static let transientCodes: Set<Int> = [50033, 50196, 90006, 90012, 90024, 90033, 90055, 90090]

    private func sentence(
        _ identity: AgentPlan.Azure.Identity, _ assertion: JSONWebToken
    ) -> String {
        let who = "client id \(identity.clientID) in tenant \(identity.tenantID)"
        let claims = FederatedClaims(assertion)
        return switch code {
        case 700016, 700011:
            "Microsoft Entra ID knows no application or managed identity with \(who); check azure-client-id and "
                + "azure-tenant-id on the pod or its ServiceAccount"
        case 70021, 700211, 700212, 700213:
            "no federated identity credential of \(who) matches this pod's token; create one with \(claims), or wait a "
                + "few minutes if it was created just now"
        case 70025:
            "the identity with \(who) has no federated identity credentials at all; create one with \(claims)"
        case 700024:
            "Microsoft Entra ID says that the service-account token is not valid at this time; check the clocks of "
                + "this node and of the apiserver"
        case 50027, 7000272, 50013, 700027, 700030, 5002730:
            "Microsoft Entra ID does not accept the service-account token's signature or form; check that the "
                + "cluster's issuer \(claims.issuer) publishes its current keys where Entra ID can read them"
        case 90002, 900023:
            "Microsoft Entra ID knows no tenant \(identity.tenantID); check azure-tenant-id, and that azure.cloud is "
                + "the tenant's cloud"
        case 7000215, 7000222, 7000218, 70002:
            "Microsoft Entra ID did not take the service-account token as a credential of \(who); the application must "
                + "trust it by a federated identity credential with \(claims)"
        case 7000112, 70001: "the application with \(who) is disabled; enable it in Entra ID's enterprise applications"
        case 7000229:
            "the application with \(who) has no service principal in that tenant; create it with 'az ad sp create'"
        case 50105, 501051: "the application with \(who) is not assigned to what it asks for; assign it in Entra ID"
        case 53003, 530004, 530035:
            "a conditional access policy of tenant \(identity.tenantID) blocks the login of \(who)"
        default: "Microsoft Entra ID refuses the login of \(who) with status \(status)"
        }
    }

    private var trace: String {
        let parts = [code.map { "AADSTS\($0)" }, correlationID.map { "correlation id \($0)" }].compactMap { $0 }
        return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
    }
}
