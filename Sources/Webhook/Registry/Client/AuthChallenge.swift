/// One challenge of a header `WWW-Authenticate` (RFC 9110, 11.6.1): `Bearer realm="...",service="..."`.
struct AuthChallenge: Equatable {
    /// In lower case.
    let scheme: String
    /// Names in lower case; of repeated ones the first counts.
    private(set) var parameters: [String: String] = [:]

    /// More are not looked at.
    private static let maximumChallenges = 8
    private static let maximumLength = 8192

    /// All challenges of a header's values; what is not understood is left out.
    static func parse(_ values: [String]) -> [AuthChallenge] {
        var challenges: [AuthChallenge] = []
        for value in values where value.utf8.count <= maximumLength {
            var scanner = Scanner(value)
            while let word = scanner.word(), challenges.count < maximumChallenges {
                if scanner.take("="), let text = scanner.value() {
                    guard let last = challenges.indices.last else { break }
                    let name = word.lowercased()
                    if challenges[last].parameters[name] == nil { challenges[last].parameters[name] = text }
                } else {
                    challenges.append(AuthChallenge(scheme: word.lowercased()))
                }
            }
        }
        return challenges
    }

    private init(scheme: String) {
        self.scheme = scheme
    }

    private struct Scanner {
        private var rest: Substring

        init(_ text: String) {
            rest = Substring(text)
        }

        /// The next token behind white space and commas.
        mutating func word() -> String? {
            rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "," }
            let word = rest.prefix { !"=\", \t".contains($0) }
            rest = rest[word.endIndex...]
            return word.isEmpty ? nil : String(word)
        }

        mutating func take(_ character: Character) -> Bool {
            guard rest.first == character else { return false }
            rest = rest.dropFirst()
            return true
        }

        /// A token or a quoted string.
        mutating func value() -> String? {
            guard take("\"") else { return word() }
            var text = ""
            while let character = rest.popFirst() {
                switch character {
                case "\"": return text
                case "\\":
                    guard let escaped = rest.popFirst() else { return nil }
                    text.append(escaped)
                default: text.append(character)
                }
            }
            return nil
        }
    }
}
