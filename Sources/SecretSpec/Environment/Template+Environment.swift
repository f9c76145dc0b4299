/// References in what environments are made of.
extension Template {
    /// Whether bytes begin like a reference or have `${` before one; what is not so needs no look.
    public static func mayHoldReference(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if SecretReference.isReferenceLike(bytes) { return true }
        var rest = bytes[...]
        while let brace = rest.firstIndex(of: UInt8(ascii: "{")) {
            rest = rest[brace...].dropFirst()
            guard brace > bytes.startIndex, bytes[brace - 1] == UInt8(ascii: "$") else { continue }
            if SecretReference.isReferenceLike(UnsafeBufferPointer(rebasing: rest)) { return true }
        }
        return false
    }

    /// The texts in a value of a ConfigMap or Secret that stand for secrets: the whole value, or each `${...}`.
    public static func placeholders(of value: String) -> Result<[(key: String, template: Template)], TemplateProblems> {
        if SecretReference.isReferenceLike(value) {
            do throws(ReferenceProblem) {
                let reference = try SecretReference(parsing: value)
                guard reference.field != .all else { return .failure(TemplateProblems(first: .allKeysNeedName, [])) }
                return .success([(value, Template(pieces: [.secret(reference, nil)]))])
            } catch {
                return .failure(TemplateProblems(first: .reference(value, error), []))
            }
        }
        return parse(value, as: .environment).map { template in
            template.pieces.compactMap { piece in
                guard case .secret(let reference, let filter) = piece else { return nil }
                let end = filter.map { "|\($0.rawValue)" } ?? ""
                return ("${\(reference.text)\(end)}", Template(pieces: [piece]))
            }
        }
    }

    /// Whether it is one secret and nothing else.
    public var isOnePlaceholder: Bool {
        if case .secret = pieces.first { pieces.count == 1 } else { false }
    }
}
