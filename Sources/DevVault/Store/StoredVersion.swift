import JSON

/// One version of a secret, key or certificate.
struct StoredVersion: Sendable {
    /// 32 hexadecimal digits.
    let id: String
    var attributes: ObjectAttributes
    var tags: JSONObject?
    /// Made by and living with the certificate of the same name.
    var isManaged = false
    var content: Content

    /// What the version holds.
    enum Content: Sendable {
        case secret(value: String, contentType: String?)
        case key(StoredKey)
        /// DER, leaf first.
        case certificate(chain: [[UInt8]])
    }

    var contentType: String? {
        get {
            guard case .secret(_, let type) = content else { return nil }
            return type
        }
        set {
            guard case .secret(let value, _) = content else { return }
            content = .secret(value: value, contentType: newValue)
        }
    }
}

/// A key pair and what it may be used for.
struct StoredKey: Sendable {
    /// PKCS#8.
    let privateDER: [UInt8]
    /// `key_ops` of the JSON Web Key.
    var operations: [String]

    func key() throws(KeyVaultFault) -> AsymmetricKey {
        guard let key = try? AsymmetricKey(privateDER: privateDER) else { throw .cryptography }
        return key
    }
}

/// The attributes that every version has. Times in unix seconds.
struct ObjectAttributes: Sendable, Equatable {
    var isEnabled = true
    var notBefore: Int?
    var expires: Int?
    var created: Int
    var updated: Int

    init(now: Int) {
        created = now
        updated = now
    }

    init(isEnabled: Bool, notBefore: Int?, expires: Int?, created: Int, updated: Int) {
        self.isEnabled = isEnabled
        self.notBefore = notBefore
        self.expires = expires
        self.created = created
        self.updated = updated
    }

    /// Takes over what a request's `attributes` says; absent members stay.
    mutating func apply(_ attributes: JSONValue?) throws(KeyVaultFault) {
        guard let attributes else { return }
        if let enabled = attributes["enabled"], case .bool(let value) = enabled { isEnabled = value }
        for (name, path) in [("nbf", \ObjectAttributes.notBefore), ("exp", \ObjectAttributes.expires)] {
            guard let value = attributes[name] else { continue }
            if case .null = value { continue }
            guard let seconds = value.int, seconds >= 0 else {
                throw .badParameter("Property attributes.\(name) has invalid value")
            }
            self[keyPath: path] = seconds
        }
        if let notBefore, let expires, expires <= notBefore {
            throw .badParameter("The attribute exp must be later than nbf.")
        }
    }
}
