import JSON
import SecretSpec

/// The value of a variable that is a reference or holds `${<reference>[|<filter>]}`, parsed once.
///
/// The kubelet goes on expanding `$(NAME)` and shortening `$$` in it, before `latchkey-exec` puts the values in; so a
/// reference may hold neither, and a literal `${` is written so that it survives both.
struct EnvironmentText: Sendable {
    /// As the pod has it.
    let text: String
    /// What `latchkey-exec` understands: a whole reference in `${}`, and `$${` with the `$` that the kubelet takes away.
    let wrapped: String
    /// What stands between `${` and `}`, in its order.
    let placeholders: [String]
    let template: Template

    /// Whether the kubelet would change it on the way; in a file (`fileKeyRef`) it changes nothing.
    var isExpanded: Bool { Self.isExpanded(text.utf8) }

    /// Whether a text is or holds a reference, be it one that cannot be read.
    static func holdsReference(_ text: String) -> Bool {
        if SecretReference.isReferenceLike(text) { return true }
        return text.utf8.withContiguousStorageIfAvailable { holdsPlaceholder($0) }
            ?? Array(text.utf8).withUnsafeBufferPointer { holdsPlaceholder($0) }
    }

    private static func holdsPlaceholder(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var rest = text[...]
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            rest = rest[dollar...].dropFirst()
            guard rest.first == UInt8(ascii: "{") else { continue }
            if SecretReference.isReferenceLike(UnsafeBufferPointer(rebasing: rest.dropFirst())) { return true }
        }
        return false
    }

    /// What is wrong with a text; each phrase follows the text's place.
    struct Problems: Error {
        var all: [(kind: InjectionProblem.Kind, phrase: String)]

        init(_ kind: InjectionProblem.Kind, _ phrase: String) { all = [(kind, phrase)] }

        init(_ all: [(kind: InjectionProblem.Kind, phrase: String)]) { self.all = all }
    }

    static func parse(_ text: String) -> Result<EnvironmentText, Problems> {
        SecretReference.isReferenceLike(text) ? parseWhole(text) : parseParts(text)
    }

    // MARK: A value that is a reference

    private static func parseWhole(_ text: String) -> Result<EnvironmentText, Problems> {
        if isExpanded(text.utf8) { return .failure(expansion(of: text)) }
        if text.utf8.contains(where: { $0 == UInt8(ascii: "}") || $0 == UInt8(ascii: "|") }) {
            return .failure(
                Problems(
                    .badReference,
                    "begins like a reference and holds '}' or '|': write a filter as ${<reference>|<filter>}, and %7D and "
                        + "%7C in a path; for a field of such a name take a file, \(AnnotationTable.prefix)secret.<name>"
                ))
        }
        let reference: SecretReference
        do throws(ReferenceProblem) {
            reference = try SecretReference(parsing: text)
        } catch {
            return .failure(Problems(.badReference, "begins like a reference and \(error)"))
        }
        if reference.field == .all {
            return .failure(
                Problems(
                    .badReference,
                    "is all keys of a secret, and a variable has one value: name one key, or take them all with "
                        + "\(AnnotationTable.prefix)env-from.<name>"))
        }
        return .success(
            EnvironmentText(
                text: text, wrapped: "${\(text)}", placeholders: [text],
                template: Template(pieces: [.secret(reference, nil)])))
    }

    // MARK: A value that holds references

    private static func parseParts(_ text: String) -> Result<EnvironmentText, Problems> {
        let (wrapped, placeholders) = parts(of: text)
        var problems = Problems(placeholders.filter { isExpanded($0.utf8) }.flatMap { expansion(of: $0).all })
        let template: Template
        switch Template.parse(text, as: .environment) {
        case .success(let parsed): template = parsed
        case .failure(let found):
            for problem in found.all {
                guard case .reference(let reference, _) = problem else {
                    problems.all.append((.badAnnotation, problem.description))
                    continue
                }
                if !isExpanded(reference.utf8) { problems.all.append((.badReference, problem.description)) }
            }
            return .failure(problems)
        }
        guard problems.all.isEmpty else { return .failure(problems) }
        return .success(
            EnvironmentText(text: text, wrapped: wrapped, placeholders: placeholders, template: template))
    }

    /// The text with every `$${` before a reference as `$$${`, and its placeholders.
    private static func parts(of text: String) -> (String, [String]) {
        var output: [UInt8] = []
        var placeholders: [String] = []
        var rest = Array(text.utf8)[...]
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            output += rest[..<dollar]
            let dollars = rest[dollar...].prefix { $0 == UInt8(ascii: "$") }
            rest = rest[dollars.endIndex...]
            output += dollars
            guard rest.first == UInt8(ascii: "{"),
                rest.dropFirst().withUnsafeBufferPointer({ SecretReference.isReferenceLike($0) })
            else { continue }
            if dollars.count == 2 { output.append(UInt8(ascii: "$")) }
            guard dollars.count == 1, let end = rest.firstIndex(of: UInt8(ascii: "}")) else { continue }
            placeholders.append(String(decoding: rest[..<end].dropFirst(), as: UTF8.self))
            output += rest[...end]
            rest = rest[end...].dropFirst()
        }
        output += rest
        return (String(decoding: output, as: UTF8.self), placeholders)
    }

    // MARK: Expansion

    /// Whether a text holds `$(` or `$$` (https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/).
    private static func isExpanded(_ text: String.UTF8View) -> Bool {
        var last: UInt8?
        for byte in text {
            if last == UInt8(ascii: "$"), byte == UInt8(ascii: "(") || byte == UInt8(ascii: "$") { return true }
            last = byte
        }
        return false
    }

    private static func expansion(of reference: String) -> Problems {
        Problems(
            .badReference,
            "holds '$(' or '$$' in the reference '\(Shown.text(reference))', which the kubelet would change: write "
                + "what is meant in full, and '$' in a path as %24")
    }
}
