import JSON

/// An answer.
struct DevVaultResponse: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    /// Nil for an answer without a body (204).
    var body: [UInt8]?

    init(_ status: Int, _ body: JSONValue? = nil) {
        self.status = status
        self.body = body?.serialized()
    }

    /// An error of the Key Vault data plane.
    init(_ fault: KeyVaultFault) {
        var error = JSONObject()
        error.append("code", .string(fault.code))
        error.append("message", .string(fault.message))
        if let inner = fault.innerCode { error.append("innererror", ["code": .string(inner)]) }
        self.init(fault.status, ["error": .object(error)])
    }
}
