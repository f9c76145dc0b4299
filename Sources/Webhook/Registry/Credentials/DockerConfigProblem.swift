/// Why a pull secret's content cannot be used. Nothing of the content is shown.
public enum DockerConfigProblem: Error, Equatable, Sendable, CustomStringConvertible {
    case tooLarge
    case notJSON
    case notAnObject
    case tooManyEntries
    case entry
    case auth

    public var description: String {
        switch self {
        case .tooLarge: "it is larger than 1 MiB"
        case .notJSON: "it is not JSON"
        case .notAnObject: "it is not a JSON object of registries"
        case .tooManyEntries: "it holds more than 1000 registries"
        case .entry: "an entry is not an object of texts such as 'username', 'password' and 'auth'"
        case .auth: "an entry's 'auth' is not base64 of 'username:password'"
        }
    }
}
