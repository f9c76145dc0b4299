import JSON

/// What other commands must know of the running environment; a file for its owner alone.
struct DevSession: Equatable, Sendable {
    let port: Int
    let dnsSuffix: String
    let tenantID: String
    let vaults: [String]
    let controlToken: String

    init(port: Int, dnsSuffix: String, tenantID: String, vaults: [String], controlToken: String) {
        self.port = port
        self.dnsSuffix = dnsSuffix
        self.tenantID = tenantID
        self.vaults = vaults
        self.controlToken = controlToken
    }

    /// Reads the file that a running environment has left.
    init(in folder: DevFolder) throws(InputProblem) {
        guard let bytes = try? InputFile.read(folder.sessionFile), let json = try? JSONValue(parsing: bytes),
            let port = json["port"]?.int, let suffix = json["dnsSuffix"]?.string,
            let tenant = json["tenantID"]?.string, let vaults = json["vaults"]?.array,
            let token = json["controlToken"]?.string
        else {
            throw InputProblem(
                "no dev vault runs with its files in \(folder.path); start one with 'latchkey dev', or name its folder "
                    + "with --data")
        }
        self.init(
            port: port, dnsSuffix: suffix, tenantID: tenant, vaults: vaults.compactMap(\.string), controlToken: token)
    }

    var json: JSONValue {
        [
            "port": .number(JSONNumber(port)), "dnsSuffix": .string(dnsSuffix), "tenantID": .string(tenantID),
            "vaults": .array(vaults.map(JSONValue.string)), "controlToken": .string(controlToken),
        ]
    }

    var authority: String { "https://localhost:\(port)" }

    func origin(of vault: String) -> String { "https://\(vault).\(dnsSuffix):\(port)" }
}
