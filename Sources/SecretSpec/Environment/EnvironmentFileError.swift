/// Why a value cannot be delivered through the environment. Names and references are shown, values are not.
public enum EnvironmentFileError: Error, Equatable, Sendable {
    case unusableText(String)
    case duplicateText(String)
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
        case .unusableText(let text): "'\(text)' cannot be replaced: state a reference"
        case .duplicateText(let text): "'\(text)' comes twice: state it once"
        case .unusableName(let name):
            "'\(name)' cannot name a variable: a name has one byte or more and neither '=' nor NUL"
        case .duplicateName(let name):
            "the variable \(name) comes twice: state it once"
        case .valueHoldsNUL(let name):
            "the value for \(name) holds a NUL byte, which no environment can: deliver it as a file, or write "
                + "${<reference>|base64}"
        case .valueTooLong(let name):
            "the value for \(name) is longer than the 128 KiB that Linux takes: deliver it as a file"
        case .tooLarge:
            "the values are together larger than 2 MiB: deliver the large ones as files"
        }
    }
}
