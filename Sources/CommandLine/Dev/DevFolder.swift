import DevVault
import Foundation

/// The files of `latchkey dev`.
struct DevFolder: Sendable {
    let path: String

    static var standard: DevFolder {
        let environment = ProcessInfo.processInfo.environment
        let state = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return DevFolder(path: (state ?? NSHomeDirectory() + "/.local/state") + "/latchkey/dev")
    }

    /// The vault's state; its certificates lie beside it.
    var stateFile: String { path + "/vault.json" }
    /// What clients of vault and webhook have to trust.
    var caFile: String { path + "/devvault-ca.pem" }
    var certificateFile: String { path + "/devvault-tls.pem" }
    var keyFile: String { path + "/devvault-tls.key" }
    var issuerKeyFile: String { path + "/issuer.key" }
    /// The sample configuration of the webhook.
    var webhookConfigurationFile: String { path + "/webhook.yaml" }
    /// What ``DevSession`` holds while an environment runs.
    var sessionFile: String { path + "/running.json" }

    /// Makes the folder, for its owner alone.
    func create() throws(InputProblem) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw InputProblem(
                "\(path) cannot be made (\(error.localizedDescription)); name another folder with --data")
        }
    }

    /// Writes a file for its owner alone.
    func write(_ bytes: [UInt8], to file: String) throws(InputProblem) {
        let temporary = file + ".new"
        guard
            FileManager.default.createFile(
                atPath: temporary, contents: Data(bytes), attributes: [.posixPermissions: 0o600]),
            rename(temporary, file) == 0
        else { throw InputProblem("\(file) cannot be written; name another folder with --data") }
    }

    /// The issuer of `latchkey dev token`; its key is made when missing.
    func issuer() throws -> DevelopmentIssuer {
        try create()
        return try DevelopmentIssuer(issuer: DevSettings.issuer, keyFile: issuerKeyFile)
    }
}
