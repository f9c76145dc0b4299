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
    /// two is given a name by `secret.<name>` and put in by that. `$${` is a literal `${`; a `$` right before a
    /// placeholder cannot be written.
    /// - Parameter named: the reference of a `secret.<name>`, or nil where there is none.
    public static func parse(
        _ text: String, as grammar: Grammar, named: (String) -> SecretReference? = { _ in nil }
    ) -> Result<Template, TemplateProblems> {
        var builder = TemplateBuilder()
        var problems: [TemplateProblem] = []
        var further = 0
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
                switch placeholder(inner, named) {
                case .success(let piece): builder.append(piece)
                case .failure(let found):
                    if problems.count < TemplateProblems.maximum {
                        problems += found.all
                    } else {
                        further += found.all.count
                    }
                }
                rest = rest[end...].dropFirst()
            } else {
                builder.append(rest.prefix(1))
                rest = rest.dropFirst()
            }
        }
        builder.append(rest)
        if let problems = TemplateProblems(problems, further: further) { return .failure(problems) }
        return .success(Template(pieces: builder.finish()))
    }

    private static func isReferenceLike(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer { SecretReference.isReferenceLike($0) }
    }

    private static func placeholder(
        _ text: String, _ named: (String) -> SecretReference?
    ) -> Result<Piece, TemplateProblems> {
        var name = text
        var filter: Filter?
        var problems: [TemplateProblem] = []
        if let bar = text.utf8.lastIndex(of: UInt8(ascii: "|")) {
            name = String(Substring(text.utf8[..<bar]))
            let word = String(Substring(text.utf8[bar...].dropFirst()))
            filter = Filter(rawValue: word)
            if filter == nil { problems.append(.unknownFilter(word)) }
        }
        do throws(TemplateProblem) {
            let reference = try reference(name, named)
            if problems.isEmpty { try check(name, reference, filter) }
            if let problems = TemplateProblems(problems) { return .failure(problems) }
            return .success(.secret(reference, filter))
        } catch {
            return .failure(TemplateProblems(first: error, problems))
        }
    }

    /// All keys need a filter that writes all keys, and such a filter needs them.
    private static func check(
        _ name: String, _ reference: SecretReference, _ filter: Filter?
    ) throws(TemplateProblem) {
        let takesAllKeys = filter?.takesAllKeys ?? false
        if reference.field == .all, !takesAllKeys { throw .allKeysNeedFilter(name) }
        if reference.field != .all, let filter, takesAllKeys { throw .filterNeedsAllKeys(name, filter) }
    }

    private static func reference(
        _ text: String, _ named: (String) -> SecretReference?
    ) throws(TemplateProblem) -> SecretReference {
        if let reference = named(text) { return reference }
        guard SecretReference.isReferenceLike(text) else { throw .unknownName(text) }
        do { return try SecretReference(parsing: text) } catch { throw .reference(text, error) }
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
