public import JSON

extension DevVaultConfiguration {
    /// A configuration from JSON; names as the properties have them, unknown names are errors.
    public init(json: JSONValue) throws(DevVaultError) {
        self.init()
        guard let members = json.object?.members else {
            throw .configuration(key: "configuration", expected: "an object")
        }
        for member in members {
            let reader = ConfigurationReader(key: member.name, value: member.value)
            switch member.name {
            case "stateFile": stateFile = try reader.text()
            case "certificateFolder": certificateFolder = try reader.text()
            case "host": host = try reader.text()
            case "port": port = try reader.number()
            case "dnsSuffix": dnsSuffix = try reader.text()
            case "tenantID": tenantID = try reader.text()
            case "otherTenantIDs": otherTenantIDs = try reader.texts()
            case "defaultVault": defaultVault = try reader.text()
            case "tokenLifetime": tokenLifetime = try reader.number()
            case "resources": resources = try reader.texts()
            case "pollsUntilSettled": pollsUntilSettled = try reader.number()
            case "controlToken": controlToken = try reader.text()
            case "certificateNames": certificateNames = try reader.texts()
            case "vaults": vaults = try reader.list(VaultConfiguration.init(reader:))
            case "identities": identities = try reader.list(FederatedIdentity.init(reader:))
            case "issuers": issuers = try reader.list(TrustedIssuer.init(reader:))
            default: throw .configuration(key: member.name, expected: "a known name")
            }
        }
    }
}

/// A value of the configuration and the path to it.
struct ConfigurationReader {
    let key: String
    let value: JSONValue

    func text() throws(DevVaultError) -> String {
        guard let text = value.string else { throw .configuration(key: key, expected: "a string") }
        return text
    }

    func number() throws(DevVaultError) -> Int {
        guard let number = value.int else { throw .configuration(key: key, expected: "a whole number") }
        return number
    }

    func texts() throws(DevVaultError) -> [String] {
        guard let list = value.array, list.allSatisfy({ $0.string != nil }) else {
            throw .configuration(key: key, expected: "a list of strings")
        }
        return list.compactMap(\.string)
    }

    func list<Element>(
        _ make: (ConfigurationReader) throws(DevVaultError) -> Element
    ) throws(DevVaultError) -> [Element] {
        guard let list = value.array else { throw .configuration(key: key, expected: "a list") }
        var elements: [Element] = []
        for (index, entry) in list.enumerated() {
            elements.append(try make(ConfigurationReader(key: "\(key)[\(index)]", value: entry)))
        }
        return elements
    }

    /// A member that must be there.
    func member(_ name: String) throws(DevVaultError) -> ConfigurationReader {
        guard let found = optional(name) else { throw .configuration(key: "\(key).\(name)", expected: "a value") }
        return found
    }

    func optional(_ name: String) -> ConfigurationReader? {
        value[name].map { ConfigurationReader(key: "\(key).\(name)", value: $0) }
    }

    /// Refuses members of other names.
    func allow(_ names: [String]) throws(DevVaultError) {
        guard let members = value.object?.members else { throw .configuration(key: key, expected: "an object") }
        for member in members where !names.contains(member.name) {
            throw .configuration(key: "\(key).\(member.name)", expected: "one of \(names.joined(separator: ", "))")
        }
    }
}
