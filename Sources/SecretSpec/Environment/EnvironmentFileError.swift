/// Why a variable cannot be delivered through the environment. Names are shown, values are not.
public enum EnvironmentFileError: Error, Equatable, Sendable {
    case unusableName(String)
    case duplicateName(String)
    case valueHoldsNUL(name: String)
    case valueTooLong(name: String)
    case tooLarge
}

extension EnvironmentFileError: CustomStringConvertible {
    /// One sentence that names the remedy.
    public var description: String {
        switch self {
        case .unusableName(let name):
            "'\(name)' cannot name a variable: a name has one byte or more and neither '=' nor NUL"
        case .duplicateName(let name):
            "the variable \(name) comes twice: state it once"
        case .valueHoldsNUL(let name):
            "the value of the variable \(name) holds a NUL byte, which no environment can: deliver it as a file"
        case .valueTooLong(let name):
            "the variable \(name) is longer than the 128 KiB that Linux takes: deliver it as a file"
        case .tooLarge:
            "the variables are together larger than 2 MiB: deliver the large ones as files"
        }
    }
}
