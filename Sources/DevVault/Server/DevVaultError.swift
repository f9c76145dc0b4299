/// Why a dev vault does not start.
public enum DevVaultError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The configuration says something that is not understood.
    case configuration(key: String, expected: String)
    /// The state file is there and is not what this version writes.
    case stateUnreadable(path: String, reason: String)
    /// The state file cannot be written.
    case stateUnwritable(path: String, reason: String)
    /// Another process has the state file open.
    case stateInUse(path: String)
    /// The certificate files are broken or cannot be made.
    case certificates(path: String, reason: String)
    /// The address cannot be listened on.
    case listen(address: String, reason: String)

    /// One sentence with the remedy.
    public var description: String {
        switch self {
        case .configuration(let key, let expected): "\(key): expected \(expected)"
        case .stateUnreadable(let path, let reason):
            "the state file \(path) cannot be read (\(reason)); move it away to start with an empty vault"
        case .stateUnwritable(let path, let reason):
            "the state file \(path) cannot be written (\(reason)); name a file in a folder of yours"
        case .stateInUse(let path):
            "the state file \(path) is in use by another dev vault; stop that one or name another file"
        case .certificates(let path, let reason):
            "the development certificates in \(path) cannot be used (\(reason)); remove them to have new ones made"
        case .listen(let address, let reason):
            "cannot listen on \(address) (\(reason)); name a free address and port, or port 0"
        }
    }
}
