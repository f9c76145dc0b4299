/// A ServiceAccount as an argument, `namespace/name[=client id]`.
struct DevIdentity: Equatable, Sendable {
    let namespace: String
    let name: String
    let clientID: String

    init(namespace: String, name: String, clientID: String = DevSettings.defaultClientID) {
        self.namespace = namespace
        self.name = name
        self.clientID = clientID
    }

    init?(argument: String) {
        let sides = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let names = sides[0].split(separator: "/", omittingEmptySubsequences: false)
        guard names.count == 2, names.allSatisfy({ !$0.isEmpty }), sides.count == 1 || !sides[1].isEmpty else {
            return nil
        }
        self.init(
            namespace: String(names[0]), name: String(names[1]),
            clientID: sides.count == 2 ? String(sides[1]) : DevSettings.defaultClientID)
    }

    /// The subject of its tokens.
    var subject: String { "system:serviceaccount:\(namespace):\(name)" }
}

/// An issuer and the file of its keys, `issuer=file`.
struct DevIssuerFile: Equatable, Sendable {
    let issuer: String
    let file: String

    init?(argument: String) {
        guard let mark = argument.lastIndex(of: "="), mark != argument.startIndex else { return nil }
        issuer = String(argument[..<mark])
        file = String(argument[argument.index(after: mark)...])
        if file.isEmpty { return nil }
    }
}

/// A secret of the dev vault as an argument, `vault/name`.
struct DevSecretName: Equatable, Sendable, CustomStringConvertible {
    let vault: String
    let name: String

    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ part in
                !part.isEmpty
                    && part.utf8.allSatisfy { byte in
                        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                            || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
                            || byte == UInt8(ascii: "-")
                    }
            })
        else { return nil }
        vault = String(parts[0])
        name = String(parts[1])
    }

    var description: String { "\(vault)/\(name)" }
}
