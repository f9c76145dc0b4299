import Glibc

/// Why the agent does not listen.
enum ServeError: Error, Equatable, Sendable {
    case inUse(port: UInt16)
    /// A port below 1024, or a security module.
    case forbidden(port: UInt16)
    /// Anything else, with its `errno`.
    case system(port: UInt16, code: Int32)

    init(port: UInt16, code: Int32) {
        self =
            switch code {
            case EADDRINUSE: .inUse(port: port)
            case EACCES, EPERM: .forbidden(port: port)
            default: .system(port: port, code: code)
            }
    }
}

extension ServeError: CustomStringConvertible {
    /// One sentence that says what happened and what helps.
    var description: String {
        switch self {
        case .inUse(let port):
            "port \(port) is taken by another process of the pod: set another one as agent.port in Latchkey's "
                + "configuration, or declare the application's port in its containerPorts, so that it is avoided"
        case .forbidden(let port):
            "the agent may not listen on port \(port): set one above 1023 as agent.port in Latchkey's configuration"
        case .system(let port, let code): "cannot listen on port \(port): \(String(cString: strerror(code)))"
        }
    }
}
