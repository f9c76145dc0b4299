/// Why bytes are not a JSON text that this program takes. Says where, never what stood there: the bytes may be secret.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of fault.
    public enum Reason: Equatable, Sendable {
        /// The grammar of RFC 8259 is broken.
        case syntax(expected: String)
        /// The text ended too early.
        case unexpectedEnd
        /// Arrays and objects lie deeper in each other than ``JSONValue/maximumDepth``.
        case tooDeep
        /// A string is not UTF-8, or an escape names half of a surrogate pair.
        case invalidText
        /// There is something behind the value.
        case trailingBytes
    }

    /// What is wrong.
    public let reason: Reason
    /// The offset of the fault in bytes, from 0.
    public let offset: Int

    /// One sentence without any byte of the input.
    public var description: String {
        switch reason {
        case .syntax(let expected): "byte \(offset): expected \(expected)"
        case .unexpectedEnd: "byte \(offset): the text ends in the middle of a value"
        case .tooDeep: "byte \(offset): nested deeper than \(JSONValue.maximumDepth) levels"
        case .invalidText: "byte \(offset): a string that is not valid Unicode"
        case .trailingBytes: "byte \(offset): something follows the value"
        }
    }
}
