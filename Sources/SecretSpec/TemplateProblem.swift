/// Why a text is no template. Each becomes a phrase that follows the text's place.
public enum TemplateProblem: Error, Equatable, Sendable, CustomStringConvertible {
    case unclosed
    case unknownName(String)
    case unknownFilter(String)
    case reference(String, ReferenceProblem)
    case filterNeedsAllKeys(String, Template.Filter)
    case allKeysNeedFilter(String)
    case allKeysNeedName

    /// What is wrong and what is accepted.
    public var description: String {
        switch self {
        case .unclosed: "has a '${' without '}'; write '$${' for a literal '${'"
        case .unknownName(let name):
            "names '\(Self.excerpt(name))', which is neither a reference nor the name of a secret.<name> of this pod; "
                + "write '$${' for a literal '${'"
        case .unknownFilter(let name):
            "has the unknown filter '\(Self.excerpt(name))'; known filters: "
                + Template.Filter.allCases.map(\.rawValue).joined(separator: ", ")
        case .reference(let text, let problem): "holds '\(Self.excerpt(text))', which \(problem)"
        case .filterNeedsAllKeys(let text, let filter):
            "puts '\(text)' through the filter '\(filter.rawValue)', which writes all keys: end the reference in '#*'"
        case .allKeysNeedFilter(let text):
            "holds '\(text)', which is all keys of a secret: add the filter dotenv or properties, or name one key"
        case .allKeysNeedName:
            "is all keys of a secret: name one key, or take all by latchkey.dev/env-from.<name>"
        }
    }

    /// The beginning of a text on one line: a '}' that is missing or misplaced makes a name of half a file.
    private static func excerpt(_ text: String) -> String {
        let beginning = text.unicodeScalars.prefix(100)
        var shown = String.UnicodeScalarView()
        for scalar in beginning {
            switch scalar.value {
            case ..<0x20, 0x7F...0x9F, 0x2028, 0x2029: shown.append("\u{FFFD}")
            default: shown.append(scalar)
            }
        }
        return String(shown) + (beginning.endIndex == text.unicodeScalars.endIndex ? "" : "...")
    }
}

/// What is wrong with a text; at least one.
public struct TemplateProblems: Error, Equatable, Sendable {
    /// About so many are told of one text, however long it is.
    static let maximum = 20

    /// The problems in their order.
    public let all: [TemplateProblem]
    /// How many there are behind those.
    public let further: Int

    init(first: TemplateProblem, _ others: [TemplateProblem]) {
        all = [first] + others
        further = 0
    }

    init?(_ problems: [TemplateProblem], further: Int = 0) {
        guard !problems.isEmpty else { return nil }
        all = problems
        self.further = further
    }
}
