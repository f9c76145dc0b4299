import VaultClient

extension ImageError {
    /// The error for a fault on the way to a registry.
    init(_ error: HTTPError) {
        self =
            switch error {
            case .timeout, .cancelled: .timeout
            case .tooLarge: .tooLarge
            default: .unreachable(error.description)
            }
    }
}
