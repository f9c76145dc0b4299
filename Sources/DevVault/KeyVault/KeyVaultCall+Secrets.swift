import JSON

extension KeyVaultCall {
    func setSecret(_ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        let body = try body()
        guard let value = body["value"]?.string else {
            throw .badParameter("The parameter value is required and must be a string.")
        }
        let version = try store.addSecret(
            name, value: value, contentType: body["contentType"]?.string, attributes: try attributes(body),
            tags: try tags(body), vault: vault)
        let object = try store.read(vault) { (vault) throws(KeyVaultFault) in try vault.active(.secrets, name) }
        return DevVaultResponse(200, try render.bundle(.secrets, object, version, withValue: true))
    }
}
