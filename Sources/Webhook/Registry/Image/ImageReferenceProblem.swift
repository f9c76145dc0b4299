/// Why a text is no image reference.
public enum ImageReferenceProblem: Error, Equatable, Sendable {
    case empty
    case tooLong
    case illegalCharacter
    case host
    case repository
    case tag
    case digest
    /// 64 hexadecimal digits.
    case identifier
}

extension ImageReferenceProblem: CustomStringConvertible {
    /// What is wrong and what is accepted.
    public var description: String {
        switch self {
        case .empty: "it is empty"
        case .tooLong: "it is longer than 1024 bytes"
        case .illegalCharacter: "it holds white space or characters beyond ASCII"
        case .host: "the part before the first '/' is no host; accepted: a DNS name or an address, and ':port'"
        case .repository:
            "its path is not accepted; accepted: at most 255 lower case letters and digits, with single '.', '_', '__' "
                + "and any number of '-' between them, parts separated by '/'"
        case .tag: "its tag is not accepted; accepted: 1 to 128 letters, digits, '_', '.' and '-', first none of '.-'"
        case .digest: "its digest is not accepted; accepted: 'sha256:' and 64, or 'sha512:' and 128 lower case digits"
        case .identifier: "64 hexadecimal digits are the id of an image on one node; name it by repository and digest"
        }
    }
}
