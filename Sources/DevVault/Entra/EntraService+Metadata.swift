import JSON

extension EntraService {
    /// What a client needs to find the token endpoint.
    static func metadata(_ host: String, _ tenant: String) -> JSONValue {
        let base = "https://\(host)/\(tenant)"
        return [
            "token_endpoint": .string("\(base)/oauth2/v2.0/token"),
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "jwks_uri": .string("\(base)/discovery/v2.0/keys"),
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid"],
            "issuer": .string("\(base)/v2.0"),
            "authorization_endpoint": .string("\(base)/oauth2/v2.0/authorize"),
            "tenant_region_scope": .null,
            "cloud_instance_name": .string(host),
        ]
    }

    /// Instance discovery: this host is all there is.
    static func instance(_ host: String, tenant: String) -> JSONValue {
        let name = JSONValue.string(host)
        return [
            "tenant_discovery_endpoint": .string("https://\(host)/\(tenant)/v2.0/.well-known/openid-configuration"),
            "api-version": "1.1",
            "metadata": [["preferred_network": name, "preferred_cache": name, "aliases": [name]]],
        ]
    }
}
