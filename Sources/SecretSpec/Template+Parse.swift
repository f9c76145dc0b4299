/// Why a text is no template. Each becomes a phrase that follows the text's place.
public enum TemplateProblem: Error, Equatable, Sendable, CustomStringConvertible {
    case unclosed
    case unknownName(String)
    case unknownFilter(String)
    case reference(String, ReferenceProblem)
    case filterNeedsAllKeys(String, Template.Filter)
    case allKeysNeedFilter(String)

    /// What is wrong and what is accepted.
    public var description: String {
        switch self {
        case .unclosed: "has a '${' without '}'; write '$${' for a literal '${'"
        case .unknownName(let name):
            "names '\(name)', which is neither a reference nor the name of a secret.<name> of this pod; "
                + "write '$${' for a literal '${'"
        case .unknownFilter(let name):
            "has the unknown filter '\(name)'; known filters: "
                + Template.Filter.allCases.map(\.rawValue).joined(separator: ", ")
        case .reference(let text, let problem): "holds '\(text)', which \(problem)"
        case .filterNeedsAllKeys(let text, let filter):
            "puts '\(text)' through the filter '\(filter.rawValue)', which writes all keys: end the reference in '#*'"
        case .allKeysNeedFilter(let text):
            "holds '\(text)', which is all keys of a secret: add the filter dotenv or properties, or name one key"
        }
    }
}

extension Template {
    /// What `${...}` may hold.
    public enum Grammar: Sendable {
        /// A template file: a reference or a name; everything else is a problem.
        case file
        /// An environment value: a reference; `${...}` around anything else is none of ours and stays as it is.
        case environment
    }

    /// Parses a text; all problems at once.
    ///
    /// A placeholder ends at the first `}`; what follows its last `|` is the filter. A reference that holds one of the
    /// two is given a name by `secret.<name>` and put in by that.
    /// - Parameter named: the reference of a `secret.<name>`, or nil where there is none.
    public static func parse(
        _ text: String, as grammar: Grammar, named: (String) -> SecretReference? = { _ in nil }
    ) -> Result<Template, TemplateProblems> {
        var builder = TemplateBuilder()
        var problems: [TemplateProblem] = []
        var rest = Array(text.utf8)[...]
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            builder.append(rest[..<dollar])
            rest = rest[dollar...]
            if rest.starts(with: "$${".utf8), grammar == .file || isReferenceLike(rest.dropFirst(3)) {
                builder.append("${".utf8)
                rest = rest.dropFirst(3)
            } else if rest.starts(with: "${".utf8), grammar == .file || isReferenceLike(rest.dropFirst(2)) {
                guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
                    problems.append(.unclosed)
                    rest = []
                    break
                }
                let inner = String(decoding: rest[..<end].dropFirst(2), as: UTF8.self)
                do throws(TemplateProblem) { builder.append(try placeholder(inner, named)) } catch {
                    problems.append(error)
                }
                rest = rest[end...].dropFirst()
            } else {
                builder.append(rest.prefix(1))
                rest = rest.dropFirst()
            }
        }
        builder.append(rest)
        if let problems = TemplateProblems(problems) { return .failure(problems) }
        return .success(Template(pieces: builder.finish()))
    }

    private static func isReferenceLike(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer { SecretReference.isReferenceLike($0) }
    }

    private static func placeholder(
        _ text: String, _ named: (String) -> SecretReference?
    ) throws(TemplateProblem) -> Piece {
        var name = text
        var filter: Filter?
        if let bar = text.utf8.lastIndex(of: UInt8(ascii: "|")) {
            let word = String(Substring(text.utf8[bar...].dropFirst()))
            filter = Filter(rawValue: word)
            if filter == nil { throw .unknownFilter(word) }
            name = String(Substring(text.utf8[..<bar]))
        }
        let reference = try reference(name, named)
        switch (reference.field, filter) {
        case (.all, nil): throw .allKeysNeedFilter(name)
        case (.all, let filter?) where !filter.takesAllKeys: throw .allKeysNeedFilter(name)
        case (.all, _): break
        case (_, let filter?) where filter.takesAllKeys: throw .filterNeedsAllKeys(name, filter)
        default: break
        }
        return .secret(reference, filter)
    }

    private static func reference(
        _ text: String, _ named: (String) -> SecretReference?
    ) throws(TemplateProblem) -> SecretReference {
        if let reference = named(text) { return reference }
        guard SecretReference.isReferenceLike(text) else { throw .unknownName(text) }
        do { return try SecretReference(parsing: text) } catch { throw .reference(text, error) }
    }
}

/// Everything that is wrong with a text; at least one.
public struct TemplateProblems: Error, Equatable, Sendable {
    /// The problems in their order.
    public let all: [TemplateProblem]

    init?(_ problems: [TemplateProblem]) {
        guard !problems.isEmpty else { return nil }
        all = problems
    }
}

/// Joins neighbouring texts.
private struct TemplateBuilder {
    private var pieces: [Template.Piece] = []
    private var text: [UInt8] = []

    mutating func append(_ bytes: some Sequence<UInt8>) { text.append(contentsOf: bytes) }

    mutating func append(_ piece: Template.Piece) {
        flush()
        pieces.append(piece)
    }

    mutating func finish() -> [Template.Piece] {
        flush()
        return pieces
    }

    private mutating func flush() {
        guard !text.isEmpty else { return }
        pieces.append(.text(String(decoding: text, as: UTF8.self)))
        text = []
    }
}
