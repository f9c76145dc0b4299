internal import JSON
internal import SecretSpec

/// A refusal of Key Vault, reduced to what is safe to repeat: status, known codes, request id.
struct KeyVaultError: Sendable, Equatable {
    let status: Int
    /// Whether it is in Key Vault's own form, and not the page of a proxy or of something else that answers in its place.
    let isOwn: Bool
    /// `error.code`, if it is one that is known here.
    let code: Code?
    /// `error.innererror.code`, if it is one that is known here.
    let innerCode: Code?
    let requestID: RemoteID?
    let retryAfter: Duration?

    /// The service's codes that have a sentence of their own
    /// (https://learn.microsoft.com/azure/key-vault/general/rest-error-codes).
    enum Code: String, Sendable {
        case secretNotFound = "SecretNotFound"
        case keyNotFound = "KeyNotFound"
        case certificateNotFound = "CertificateNotFound"
        case secretDisabled = "SecretDisabled"
        case keyDisabled = "KeyDisabled"
        case certificateDisabled = "CertificateDisabled"
        case secretExpired = "SecretExpired"
        case secretNotYetValid = "SecretNotYetValid"
        case forbiddenByRbac = "ForbiddenByRbac"
        case forbiddenByPolicy = "ForbiddenByPolicy"
        case forbiddenByFirewall = "ForbiddenByFirewall"
        case forbiddenByConnection = "ForbiddenByConnection"
        case accessDenied = "AccessDenied"
        case deletedButRecoverable = "ObjectIsDeletedButRecoverable"
        case beingDeleted = "ObjectIsBeingDeleted"
        case beingRecovered = "ObjectIsBeingRecovered"
        case throttled = "Throttled"
    }

    init(_ response: HTTPResponse, wallSeconds: Int) {
        let error = response.body.json?["error"]
        status = response.status
        isOwn = error?["code"]?.string != nil
        code = error?["code"]?.string.flatMap(Code.init)
        innerCode = error?["innererror"]?["code"]?.string.flatMap(Code.init)
        requestID = RemoteID(response.header("x-ms-request-id"))
        retryAfter = response.retryAfter(wallSeconds: wallSeconds)
    }
}

extension KeyVaultError {
    /// The sentence that names the remedy. A new code of Key Vault gets its sentence here.
    func vaultError(_ context: KeyVaultContext) -> VaultError {
        let (kind, sentence, isTransient) = meaning(context)
        let trace = requestID.map { " (request id \($0))" } ?? ""
        return VaultError(kind, sentence + trace, isTransient: isTransient, retryAfter: retryAfter)
    }

    private func meaning(_ context: KeyVaultContext) -> (VaultError.Kind, String, isTransient: Bool) {
        let noun = context.noun
        if status == 429 || code == .throttled {
            return (.throttled, "vault \(context.vault.origin) throttles its callers (limit: 4000 reads in 10 s)", true)
        }
        if status == 408 || status >= 500 {
            return (.unavailable, "vault \(context.vault.origin) cannot answer now (status \(status))", true)
        }
        switch innerCode ?? code {
        case .secretNotFound, .keyNotFound, .certificateNotFound: return (.notFound, notFound(context), false)
        case .secretDisabled, .keyDisabled, .certificateDisabled:
            return (.disabled, "\(noun) is disabled; enable it, or refer to an enabled version", false)
        case .secretExpired: return (.expired, "\(noun) has expired; create a new version", false)
        case .secretNotYetValid:
            return (.notYetValid, "\(noun) is not valid yet; correct its activation date", false)
        case .forbiddenByRbac:
            return (
                .forbidden, "\(context.who) may not read \(noun): assign it the role '\(context.collection.role)'",
                false
            )
        case .forbiddenByPolicy, .accessDenied:
            return (.forbidden, "\(context.who) may not read \(noun): \(permission(context))", false)
        case .forbiddenByFirewall, .forbiddenByConnection:
            return (
                .firewall,
                "the firewall of vault \(context.vault.origin) does not let this cluster's address in; allow its "
                    + "outbound address or network, or use a private endpoint", false
            )
        case .deletedButRecoverable:
            return (.deleted, "\(noun) is deleted but can be recovered; recover it, or purge and create it anew", false)
        case .beingDeleted: return (.deleted, "\(noun) is being deleted; recover it when that is done", false)
        case .beingRecovered: return (.unavailable, "\(noun) is being recovered just now", true)
        case .throttled, nil: return unknown(context)
        }
    }

    private func notFound(_ context: KeyVaultContext) -> String {
        let object = "\(context.collection.noun) '\(context.object.name)'"
        let what = context.object.version.map { "\(object) with version \($0)" } ?? object
        return "vault \(context.vault.origin) has no \(what); check the reference, and whether it was deleted"
    }

    private func permission(_ context: KeyVaultContext) -> String {
        "give it the \(context.collection.noun) permission 'Get' in the vault's access policies, or, where the vault "
            + "uses role-based access, the role '\(context.collection.role)'"
    }

    private func unknown(_ context: KeyVaultContext) -> (VaultError.Kind, String, isTransient: Bool) {
        guard isOwn else {
            // It says nothing about the secret or the right to it.
            return (
                .malformedAnswer,
                "what answered for vault \(context.vault.origin) with status \(status) is not Key Vault; check that this "
                    + "is a Key Vault, and what a proxy or firewall on the way does", false
            )
        }
        return switch status {
        case 401:
            (
                .unauthenticated,
                "vault \(context.vault.origin) does not accept a fresh token of \(context.who); check that the vault "
                    + "belongs to that tenant and that azure.scope is the vault's", false
            )
        case 403: (.forbidden, "\(context.who) may not read \(context.noun): \(permission(context))", false)
        case 404:
            (
                .notFound,
                "\(context.noun) was not found, for a reason that is not known here; check that "
                    + "\(context.vault.origin) is a Key Vault", false
            )
        default:
            (.malformedAnswer, "vault \(context.vault.origin) answered with the unexpected status \(status)", false)
        }
    }
}
