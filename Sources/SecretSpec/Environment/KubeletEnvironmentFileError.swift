/// Why the kubelet cannot take a variable from a file as it is. Names are shown, values are not.
public enum KubeletEnvironmentFileError: Error, Equatable, Sendable {
    case unusableName(String)
    case nameTooLong(String)
    case duplicateName(String)
    case valueIsEmpty(name: String)
    case valueHoldsQuote(name: String)
    case valueHoldsCRLF(name: String)
    case valueHoldsNUL(name: String)
    case valueIsNotUTF8(name: String)
    case lineTooLong(name: String)
    case valueTooLong(name: String)
}

extension KubeletEnvironmentFileError: CustomStringConvertible {
    /// One sentence that names the remedy.
    public var description: String {
        let exec = "use latchkey.dev/env-delivery: exec"
        return switch self {
        case .unusableName(let name):
            "the kubelet does not find the variable '\(name)' in a file, because of its name: rename it, or \(exec)"
        case .nameTooLong(let name):
            "the variable '\(name)' has a name of more than \(KubeletEnvironmentFile.maximumNameLength) bytes, which "
                + "the kubelet may refuse: rename it, or \(exec)"
        case .duplicateName(let name): "the variable \(name) comes twice: state it once"
        case .valueIsEmpty(let name):
            "the value of the variable \(name) is empty, which the kubelet takes for missing: \(exec)"
        case .valueHoldsQuote(let name):
            "the value of the variable \(name) holds a single quote, which the kubelet's files cannot: \(exec)"
        case .valueHoldsCRLF(let name):
            "the value of the variable \(name) holds a line that ends in CR LF, and the kubelet drops the CR: \(exec)"
        case .valueHoldsNUL(let name):
            "the value of the variable \(name) holds a NUL byte, which no environment can: deliver it as a file"
        case .valueIsNotUTF8(let name):
            "the value of the variable \(name) is not UTF-8 text, which the kubelet would change: \(exec)"
        case .lineTooLong(let name):
            "the value of the variable \(name) has a line of 64 KiB or more, which the kubelet does not read: \(exec)"
        case .valueTooLong(let name):
            "the value of the variable \(name) is longer than the 128 KiB that Linux takes: deliver it as a file"
        }
    }
}
