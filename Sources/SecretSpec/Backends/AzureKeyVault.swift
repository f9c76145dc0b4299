extension BackendDescriptor {
    /// Azure Key Vault with Azure Workload Identity.
    static let azureKeyVault = BackendDescriptor(
        scheme: "akv", form: "akv://<vault>/<name>[/<version>][?type=&format=&encoding=][#field]",
        validate: { reference throws(ReferenceProblem) in _ = try AzureKeyVaultObject(reference) })
}

/// What an `akv://` reference names, checked against the rules of Key Vault
/// (https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#object-identifiers).
public struct AzureKeyVaultObject: Sendable, Hashable {
    /// Which collection of the vault is read.
    public enum Kind: String, Sendable, CaseIterable {
        /// A secret's value; on a certificate's secret the private key and the chain.
        case secret
        /// The public part of a key, as PEM.
        case key
        /// The leaf certificate as PEM; with a format, private key and chain.
        case certificate
    }

    /// The container that a certificate with its key is written in.
    public enum Format: String, Sendable, CaseIterable {
        /// PKCS#8 private key, leaf, then each issuer.
        case pem
        /// PKCS#12 without a password.
        case pfx
    }

    /// How the vault's text stands for bytes; the file holds the decoded bytes.
    public enum Encoding: String, Sendable, CaseIterable {
        case utf8 = "utf-8"
        case base64
        case hex
    }

    /// The vault's name, or its host where the reference gives one (it then holds a dot).
    public let vault: String
    /// The object's name.
    public let name: String
    /// The version, or nil for the current one.
    public let version: String?
    /// What is read.
    public let kind: Kind
    /// The container to write a certificate in, or nil for what the vault gives.
    public let format: Format?
    /// How the vault's text becomes bytes.
    public let encoding: Encoding

    /// Whether ``vault`` is a host and not a vault's name.
    public var vaultIsHost: Bool { vault.utf8.contains(UInt8(ascii: ".")) }

    /// Reads a reference whose scheme is `akv`.
    public init(_ reference: SecretReference) throws(ReferenceProblem) {
        let object = reference.object
        // Checked before the change of case: Unicode has letters whose lower case is in ASCII, such as the kelvin sign.
        guard Self.isVaultName(object.authority) || Self.isHost(object.authority) else {
            throw .invalid(
                part: "vault", found: object.authority,
                accepted: "a vault's name (3 to 24 letters, digits and single '-', beginning with a letter and not "
                    + "ending with '-') or its host")
        }
        vault = object.authority.lowercased()
        guard let name = object.path.first, object.path.count <= 2 else {
            throw .invalid(
                part: "path", found: object.path.joined(separator: "/"), accepted: "<name> or <name>/<version>")
        }
        guard Self.isObjectName(name) else {
            throw .invalid(part: "name", found: name, accepted: "1 to 127 letters, digits and '-'")
        }
        self.name = name
        version = object.path.count == 2 ? object.path[1] : nil
        if let version, !Self.isVersion(version) {
            throw .invalid(part: "version", found: version, accepted: "32 hexadecimal digits, as the vault shows them")
        }
        let known = ["type", "format", "encoding"]
        if !object.query.isEmpty, let unknown = object.query.keys.sorted().first(where: { !known.contains($0) }) {
            throw .invalid(part: "parameter", found: unknown, accepted: known.joined(separator: ", "))
        }
        kind = try Self.parameter("type", of: object) ?? .secret
        format = try Self.parameter("format", of: object)
        encoding = try Self.parameter("encoding", of: object) ?? .utf8
        if format != nil, kind == .key {
            throw .invalid(part: "parameter", found: "format", accepted: "it with type=secret or type=certificate only")
        }
        if encoding != .utf8, kind != .secret || format != nil {
            throw .invalid(
                part: "parameter", found: "encoding", accepted: "it with type=secret and without a format only")
        }
    }

    private static func parameter<Value: RawRepresentable & CaseIterable>(
        _ name: String, of object: SecretReference.Object
    ) throws(ReferenceProblem) -> Value? where Value.RawValue == String {
        guard !object.query.isEmpty, let text = object.parameter(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            throw .invalid(
                part: name, found: text, accepted: Value.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return value
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    private static func isObjectName(_ text: String) -> Bool {
        1...127 ~= text.utf8.count
            && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isVaultName(_ text: String) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return 3...24 ~= text.utf8.count && isObjectName(text) && (text.utf8.first.map(isLetter) ?? false)
            && text.utf8.last != hyphen
            && !hasDoubleHyphen(text)
    }

    private static func hasDoubleHyphen(_ text: String) -> Bool {
        var last: UInt8 = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "-"), byte == last { return true }
            last = byte
        }
        return false
    }

    /// A DNS name of at least two labels; whether credentials may go there is decided where the operator's
    /// configuration is known.
    private static func isHost(_ text: String) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        return labels.count > 1 && text.utf8.count <= 253
            && labels.allSatisfy { label in
                1...63 ~= label.utf8.count && isObjectName(label) && label.utf8.first != UInt8(ascii: "-")
                    && label.utf8.last != UInt8(ascii: "-")
            }
    }

    private static func isVersion(_ text: String) -> Bool {
        text.utf8.count == 32
            && text.utf8.allSatisfy { isDigit($0) || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0 | 0x20 }
    }
}
