/// A text with secrets put in: literal pieces and `${<reference>[|filter]}`. One grammar for templates and for
/// environment values.
public struct Template: Sendable {
    /// A part of it.
    public enum Piece: Sendable {
        /// Stands as it is.
        case text(String)
        /// Is replaced by what the reference points to, after the filter.
        case secret(SecretReference, Filter?)
    }

    /// The parts in their order. Texts are not empty, and no two stand next to each other.
    public let pieces: [Piece]

    /// A template of these parts.
    public init(pieces: [Piece]) {
        self.pieces = pieces
    }

    /// The references in their order, with repetitions.
    public var references: [SecretReference] {
        pieces.compactMap { piece in
            if case .secret(let reference, _) = piece { reference } else { nil }
        }
    }

    /// How a value is written where it is put in.
    public enum Filter: String, Sendable, CaseIterable {
        /// A JSON string's content with its quotes.
        case json
        /// A YAML double-quoted scalar.
        case yaml
        /// One word of a POSIX shell.
        case sh
        /// Percent-encoded (RFC 3986: all but unreserved characters).
        case url
        /// RFC 4648, section 4, padded.
        case base64
        /// With `#*`: a `NAME='value'` line for each key.
        case dotenv
        /// With `#*`: a `key=value` line for each key, as Java reads properties.
        case properties

        /// Whether it writes all keys of a JSON secret (`#*`) rather than one value.
        public var takesAllKeys: Bool { self == .dotenv || self == .properties }
    }
}
