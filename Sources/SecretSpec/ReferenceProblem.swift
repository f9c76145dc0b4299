/// Why a text is no reference. Each becomes one sentence that says what is accepted.
public enum ReferenceProblem: Error, Equatable, Sendable, CustomStringConvertible {
    case notAReference
    case unknownScheme(String)
    case tooLong
    case controlCharacter(UInt32)
    case missingAuthority
    case missingPath
    case emptyPathSegment
    case emptyField
    case malformedParameter(String)
    case repeatedParameter(String)
    case malformedEscape
    /// A rule of the scheme's own: what was found and what is accepted.
    case invalid(part: String, found: String, accepted: String)

    /// One sentence: what is wrong, and what is accepted.
    public var description: String {
        switch self {
        case .notAReference:
            "is not a reference; a reference looks like \(BackendDescriptor.all.map(\.form).joined(separator: " or "))"
        case .unknownScheme(let scheme):
            "has the unknown scheme '\(scheme)'; known schemes: "
                + BackendDescriptor.all.map(\.scheme).joined(separator: ", ")
        case .tooLong: "is longer than \(SecretReference.maximumLength) bytes"
        case .controlCharacter(let value): "holds the control character U+\(String(value, radix: 16, uppercase: true))"
        case .missingAuthority: "names no vault between '://' and the next '/'"
        case .missingPath: "names no secret after the vault"
        case .emptyPathSegment: "has an empty part in its path (two '/' in a row, or one at the end)"
        case .emptyField: "ends in '#'; name a field after it, or leave the '#' out for the whole secret"
        case .malformedParameter(let pair): "has '\(pair)' in its query, which is not name=value"
        case .repeatedParameter(let name): "gives '\(name)' twice in its query"
        case .malformedEscape: "has a '%' that is not followed by two hexadecimal digits of UTF-8 text"
        case .invalid(let part, let found, let accepted): "has the \(part) '\(found)'; accepted: \(accepted)"
        }
    }
}
