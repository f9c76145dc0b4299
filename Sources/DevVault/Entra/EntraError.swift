import JSON

/// An error of the token endpoint. Codes, texts and statuses as public reports quote them.
enum EntraError: Error, Equatable {
    case tenantNotFound(String)
    case missingParameter(String)
    case unsupportedGrant(String)
    case unsupportedAssertionType
    case invalidScope(String)
    case scopeWithoutDefault(String)
    case unknownResource(String, tenant: String)
    case unknownClient(String, tenant: String)
    case noMatchingIssuer(String)
    case noMatchingAudience(String)
    case noMatchingSubject(String)
    case invalidToken
    case unknownKey(String, issuer: String)
    case issuerUnreachable(String)
    case outsideValidity(now: Int, from: Int, until: Int)
    case throttled

    /// The number behind `AADSTS`.
    var code: Int {
        switch self {
        case .tenantNotFound: 90002
        case .missingParameter: 900_144
        case .unsupportedGrant: 70003
        case .unsupportedAssertionType: 50027
        case .invalidScope: 70011
        case .scopeWithoutDefault: 1_002_012
        case .unknownResource: 500_011
        case .unknownClient: 700_016
        case .noMatchingIssuer: 700_211
        case .noMatchingAudience: 700_212
        case .noMatchingSubject: 700_213
        case .invalidToken: 50027
        case .unknownKey: 7_000_272
        case .issuerUnreachable: 90061
        case .outsideValidity: 700_024
        case .throttled: 90055
        }
    }

    /// HTTP's status.
    var status: Int {
        switch self {
        case .noMatchingIssuer, .noMatchingAudience, .noMatchingSubject, .unknownKey, .outsideValidity, .invalidToken,
            .unsupportedAssertionType:
            401
        case .throttled: 429
        default: 400
        }
    }

    /// OAuth's error name.
    var name: String {
        switch self {
        case .tenantNotFound, .missingParameter, .issuerUnreachable: "invalid_request"
        case .unsupportedGrant: "unsupported_grant_type"
        case .invalidScope, .scopeWithoutDefault: "invalid_scope"
        case .unknownResource: "invalid_resource"
        case .unknownClient: "unauthorized_client"
        case .throttled: "temporarily_unavailable"
        default: "invalid_client"
        }
    }

    private static let check =
        "Check your federated identity credential Subject, Audience and Issuer against the presented assertion. "
        + "https://learn.microsoft.com/entra/workload-id/workload-identity-federation"

    var text: String {
        switch self {
        case .tenantNotFound(let tenant):
            "Tenant '\(tenant)' not found. Check to make sure you have the correct tenant ID and are signing into the "
                + "correct cloud. Check with your subscription administrator, this may happen if there are no active "
                + "subscriptions for the tenant."
        case .missingParameter(let name): "The request body must contain the following parameter: '\(name)'."
        case .unsupportedGrant(let grant): "The app requested an unsupported grant type '\(grant)'."
        case .unsupportedAssertionType: "JWT token is invalid or malformed: the client_assertion_type is not supported."
        case .invalidScope(let scope):
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter "
                + "'scope' is not valid. The scope \(scope) is not valid."
        case .scopeWithoutDefault(let scope):
            "The provided value for scope \(scope) is not valid. Client credential flows must have a scope value with "
                + "/.default suffixed to the resource identifier (application ID URI)."
        case .unknownResource(let resource, let tenant):
            "The resource principal named \(resource) was not found in the tenant named \(tenant). This can happen if "
                + "the application has not been installed by the administrator of the tenant or consented to by any "
                + "user in the tenant. You might have sent your authentication request to the wrong tenant."
        case .unknownClient(let client, let tenant):
            "Application with identifier '\(client)' was not found in the directory '\(tenant)'. This can happen if "
                + "the application has not been installed by the administrator of the tenant or consented to by any "
                + "user in the tenant. You may have sent your authentication request to the wrong tenant."
        case .noMatchingIssuer(let issuer):
            "No matching federated identity record found for presented assertion issuer '\(issuer)'. \(Self.check)"
        case .noMatchingAudience(let audience):
            "No matching federated identity record found for presented assertion audience '\(audience)'. \(Self.check)"
        case .noMatchingSubject(let subject):
            "No matching federated identity record found for presented assertion subject '\(subject)'. \(Self.check)"
        case .invalidToken: "JWT token is invalid or malformed."
        case .unknownKey(let key, let issuer):
            "The certificate with identifier \(key) used to sign the federated credential could not be found in the "
                + "metadata of identity provider \(issuer). Please validate that your Identity Provider's metadata "
                + "exposes the key used to sign the incoming token."
        case .issuerUnreachable(let issuer): "Request to External OIDC endpoint failed: \(issuer)."
        case .outsideValidity(let now, let from, let until):
            "Client assertion is not within its valid time range. Current time: \(Timestamp.precise(now)), assertion "
                + "valid from \(Timestamp.precise(from)), expiry time of assertion \(Timestamp.precise(until)). Review "
                + "the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials ."
        case .throttled: "The server is too busy to handle the request; there have been too many requests."
        }
    }

    /// The answer's body.
    func body(now: Int, correlationID: String, host: String) -> JSONValue {
        let trace = SecureRandom.uuid()
        let time = Timestamp.plain(now)
        let description =
            "AADSTS\(code): \(text) Trace ID: \(trace) Correlation ID: \(correlationID) Timestamp: \(time)"
        return [
            "error": .string(name), "error_description": .string(description),
            "error_codes": [.number(JSONNumber(code))], "timestamp": .string(time), "trace_id": .string(trace),
            "correlation_id": .string(correlationID), "error_uri": .string("https://\(host)/error?code=\(code)"),
        ]
    }
}
