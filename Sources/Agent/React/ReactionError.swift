import Glibc
package import SecretSpec
package import VaultClient

/// Why a reaction failed; it is tried again.
package enum ReactionError: Error, Equatable, Sendable {
    /// No other container's main process mounts the volume, as far as can be seen.
    case noProcess(directory: String)
    /// The kernel keeps the agent from sending a signal; nil where the process's uid is not known.
    case forbidden(Signal, user: UInt32, processUser: UInt32?)
    /// There was no answer.
    case request(HTTPError)
    /// Another status than asked for; nil for any 2xx.
    case status(Int, expected: Int?)
    /// Anything else that the kernel refused, with its `errno`.
    case system(attempt: String, code: Int32)
}

extension ReactionError: CustomStringConvertible {
    /// One sentence that says what happened and what helps.
    package var description: String {
        switch self {
        case .noProcess(let directory):
            "no main process of another container that mounts '\(directory)' was found: look whether the pod has "
                + "shareProcessNamespace: true and the application's container runs"
        case .forbidden(let signal, let user, let processUser?):
            "uid \(user) may not send \(signal) to the application, which runs as uid \(processUser): run the agent as "
                + "the same user (latchkey.dev/run-as-user: \"\(processUser)\", or runAsUser of the pod)"
        case .forbidden(let signal, let user, nil):
            "uid \(user) may not send \(signal) to the application: run the agent as the application's user "
                + "(latchkey.dev/run-as-user, or runAsUser of the pod)"
        case .request(let error): "\(error)"
        case .status(let status, let expected):
            "the answer's status was \(status) and not \(expected.map { "\($0)" } ?? "2xx"): look into the "
                + "application's log, or write the status that it gives behind the URL"
        case .system(let attempt, let code): "cannot \(attempt): \(String(cString: strerror(code)))"
        }
    }
}
