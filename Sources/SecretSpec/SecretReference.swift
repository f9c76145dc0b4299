import JSON

/// A reference to a secret: `<scheme>://<authority>/<path>[?query][#field]`. It names the secret and never holds it.
public struct SecretReference: Sendable {
    /// What a reference points to, without the field: the unit that is fetched once however many fields are used.
    public struct Object: Sendable {
        /// The scheme in lower case; it names the backend.
        public let scheme: String
        /// The part between `://` and the first `/`, as written.
        public let authority: String
        /// The segments of the path, percent-decoded; none is empty.
        public let path: [String]
        /// The query's parameters, percent-decoded, by name; no name occurs twice.
        public let query: [String: String]

        /// The value of a query parameter.
        public func parameter(_ name: String) -> String? { query[name] }
    }

    /// Which part of the object is meant.
    public enum Field: Sendable {
        /// `#name`: a member of a JSON secret, or a part that the backend defines.
        case name(String)
        /// `#/a/b`: an RFC 6901 pointer into a JSON secret.
        case pointer(String)
        /// `#*`: every member of a JSON secret.
        case all
    }

    /// What is fetched.
    public let object: Object
    /// What of it is used; nil means the whole.
    public let field: Field?
    /// The reference as it was written; safe to show.
    public let text: String
}

extension SecretReference {
    /// The longest reference that is taken, in bytes.
    public static let maximumLength = 2048

    /// Parses the grammar that all schemes share and then the scheme's own rules (see ``BackendDescriptor``).
    public init(parsing text: String) throws(ReferenceProblem) {
        self = try SecretReference.parse(text)
        guard let backend = BackendDescriptor.named(object.scheme) else {
            throw .unknownScheme(object.scheme)
        }
        try backend.validate(self)
    }

    /// Whether a text begins like a reference of a known scheme, whether or not the rest is well formed. Such a text is
    /// never started as a literal value. The scheme's case does not matter, as it does not when parsing.
    public static func isReferenceLike(_ text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { isReferenceLike($0) }
            ?? Array(text.utf8).withUnsafeBufferPointer { isReferenceLike($0) }
    }

    /// The same for a text's bytes.
    public static func isReferenceLike(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        // Asked of every environment variable of every pod: nothing is allocated, and most texts end it at once.
        beginnings.contains { beginning in
            guard text.count >= beginning.count else { return false }
            // `:` and `/` have the bit of lower case too, but others become one of them with it, so they are compared
            // as they are.
            for index in beginning.indices {
                let byte = text[index]
                let isLetter = beginning[index] >= UInt8(ascii: "a")
                guard (isLetter ? byte | 0x20 : byte) == beginning[index] else { return false }
            }
            return true
        }
    }

    /// What references begin with, scheme in lower case.
    private static let beginnings = BackendDescriptor.all.map { Array("\($0.scheme)://".utf8) }

    // Everything below looks for bytes, not for `Character`s: to those a '/' with a combining accent is no '/'.

    private static func parse(_ text: String) throws(ReferenceProblem) -> SecretReference {
        guard text.utf8.count <= maximumLength else { throw .tooLong }
        try checkControls(text)
        guard let (scheme, behindScheme) = splitScheme(Array(text.utf8)[...]) else { throw .notAReference }
        var rest = behindScheme
        var field: Field?
        if let mark = rest.firstIndex(of: UInt8(ascii: "#")) {
            field = try Self.field(String(decoding: rest[mark...].dropFirst(), as: UTF8.self))
            rest = rest[..<mark]
        }
        var query: [String: String] = [:]
        if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
            query = try Self.query(rest[mark...].dropFirst())
            rest = rest[..<mark]
        }
        let parts = rest.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard let authority = parts.first, !authority.isEmpty else { throw .missingAuthority }
        var path: [String] = []
        for part in parts.dropFirst() {
            guard !part.isEmpty else { throw .emptyPathSegment }
            path.append(try percentDecoded(part))
        }
        guard !path.isEmpty else { throw .missingPath }
        return SecretReference(
            object: Object(
                scheme: scheme, authority: String(decoding: authority, as: UTF8.self), path: path, query: query),
            field: field, text: text)
    }

    /// The scheme, letters in lower case, and what follows `://`; nil where a text does not begin so.
    private static func splitScheme(_ text: ArraySlice<UInt8>) -> (String, ArraySlice<UInt8>)? {
        let letters = text.prefix { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 }
        let rest = text[letters.endIndex...]
        guard !letters.isEmpty, rest.starts(with: "://".utf8) else { return nil }
        return (String(decoding: letters.map { $0 | 0x20 }, as: UTF8.self), rest.dropFirst("://".utf8.count))
    }

    private static func field(_ text: String) throws(ReferenceProblem) -> Field {
        if text.isEmpty { throw .emptyField }
        if text.isSameText(as: "*") { return .all }
        guard text.utf8.first == UInt8(ascii: "/") else { return .name(text) }
        guard JSONPointer(parsing: text) != nil else {
            throw .invalid(
                part: "field", found: text, accepted: "a JSON Pointer, '~' written '~0' and '/' in a name '~1'")
        }
        return .pointer(text)
    }

    private static func query(_ text: ArraySlice<UInt8>) throws(ReferenceProblem) -> [String: String] {
        var query: [String: String] = [:]
        for pair in text.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            guard let mark = pair.firstIndex(of: UInt8(ascii: "=")), mark > pair.startIndex else {
                throw .malformedParameter(String(decoding: pair, as: UTF8.self))
            }
            let name = try percentDecoded(pair[..<mark])
            guard query.updateValue(try percentDecoded(pair[mark...].dropFirst()), forKey: name) == nil else {
                throw .repeatedParameter(name)
            }
        }
        return query
    }

    /// Refuses control characters and what breaks lines: C0, DEL, C1 (some terminals obey them), U+2028 and U+2029.
    private static func checkControls(_ text: String) throws(ReferenceProblem) {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 >= 0x7F }) else { return }
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case ..<0x20, 0x7F...0x9F, 0x2028, 0x2029: throw .controlCharacter(scalar.value)
            default: continue
            }
        }
    }

    /// Decodes `%XX`; the result must be UTF-8 without control characters.
    private static func percentDecoded(_ text: ArraySlice<UInt8>) throws(ReferenceProblem) -> String {
        guard text.contains(UInt8(ascii: "%")) else { return String(decoding: text, as: UTF8.self) }
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                throw .malformedEscape
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .malformedEscape }
        try checkControls(decoded)
        return decoded
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension SecretReference: CustomStringConvertible {
    /// The reference as it was written.
    public var description: String { text }
}
