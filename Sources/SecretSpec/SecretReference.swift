/// A reference to a secret: `<scheme>://<authority>/<path>[?query][#field]`. It names the secret and never holds it.
public struct SecretReference: Sendable, Hashable {
    /// What a reference points to, without the field: the unit that is fetched once however many fields are used.
    public struct Object: Sendable, Hashable {
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
    public enum Field: Sendable, Hashable {
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

    public static func == (left: SecretReference, right: SecretReference) -> Bool {
        left.object == right.object && left.field == right.field
    }

    /// Hashes what ``==(_:_:)`` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(object)
        hasher.combine(field)
    }
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
    /// never started as a literal value.
    public static func isReferenceLike(_ text: String) -> Bool {
        BackendDescriptor.all.contains { text.utf8.starts(with: "\($0.scheme)://".utf8) }
    }

    private static func parse(_ text: String) throws(ReferenceProblem) -> SecretReference {
        guard text.utf8.count <= maximumLength else { throw .tooLong }
        if let control = text.unicodeScalars.first(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            throw .controlCharacter(control.value)
        }
        var rest = Substring(text)
        var field: Field?
        if let mark = rest.firstIndex(of: "#") {
            field = try Self.field(String(rest[rest.index(after: mark)...]))
            rest = rest[..<mark]
        }
        var query: [String: String] = [:]
        if let mark = rest.firstIndex(of: "?") {
            query = try Self.query(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        guard let colon = rest.range(ofText: "://") else { throw .notAReference }
        let scheme = rest[..<colon.lowerBound].lowercased()
        guard !scheme.isEmpty, scheme.utf8.allSatisfy({ UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }) else {
            throw .notAReference
        }
        let parts = rest[colon.upperBound...].split(separator: "/", omittingEmptySubsequences: false)
        guard let authority = parts.first, !authority.isEmpty else { throw .missingAuthority }
        var path: [String] = []
        for part in parts.dropFirst() {
            guard !part.isEmpty else { throw .emptyPathSegment }
            path.append(try percentDecoded(part))
        }
        guard !path.isEmpty else { throw .missingPath }
        return SecretReference(
            object: Object(scheme: scheme, authority: String(authority), path: path, query: query), field: field,
            text: text)
    }

    private static func field(_ text: String) throws(ReferenceProblem) -> Field {
        if text.isEmpty { throw .emptyField }
        if text == "*" { return .all }
        guard text.utf8.first == UInt8(ascii: "/") else { return .name(text) }
        return .pointer(text)
    }

    private static func query(_ text: Substring) throws(ReferenceProblem) -> [String: String] {
        var query: [String: String] = [:]
        for pair in text.split(separator: "&", omittingEmptySubsequences: false) {
            guard let mark = pair.firstIndex(of: "="), mark > pair.startIndex else {
                throw .malformedParameter(String(pair))
            }
            let name = try percentDecoded(pair[..<mark])
            guard query.updateValue(try percentDecoded(pair[pair.index(after: mark)...]), forKey: name) == nil else {
                throw .repeatedParameter(name)
            }
        }
        return query
    }

    /// Decodes `%XX`; the result must be UTF-8 without control characters.
    private static func percentDecoded(_ text: Substring) throws(ReferenceProblem) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
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
        guard let decoded = String(validating: bytes, as: UTF8.self), bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else { throw .malformedEscape }
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

extension Substring {
    /// The first occurrence of a short text; the standard library's own search needs the regex library.
    fileprivate func range(ofText needle: StaticString) -> Range<Substring.Index>? {
        let wanted = needle.description
        var start = startIndex
        while start < endIndex {
            let candidate = self[start...]
            if candidate.hasPrefix(wanted) {
                return start..<index(start, offsetBy: wanted.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
