import JSON

/// One row of the annotation table: a key, what its value means and how it is read.
struct Annotation<Value: Sendable>: Sendable {
    /// How the key is completed.
    enum Shape: Sendable, Equatable {
        /// The key is whole.
        case plain
        /// `<key>.<name>`, once per name; the placeholder is for documentation.
        case perName(String)
        /// The key alone, or `<key>.<name>` for one of several; the placeholder is for documentation.
        case plainOrPerName(String)
    }

    /// The key behind `latchkey.dev/`.
    let key: String
    let shape: Shape
    /// What is accepted, for messages and documentation.
    let accepted: String
    /// What holds where the annotation is absent, for documentation.
    let absent: String
    /// What it means, for documentation; one or two sentences.
    let meaning: String
    /// The value, or what is wrong with the text (a phrase that follows "the value").
    let parse: @Sendable (String) -> Result<Value, Fault>

    /// A text that is no value of the annotation.
    struct Fault: Error {
        let phrase: String
    }

    /// Reads a value; the problem names key, finding and what is accepted.
    func value(of text: String, key: String) throws(InjectionProblem) -> Value {
        switch parse(text) {
        case .success(let value): return value
        case .failure(let fault):
            throw InjectionProblem(
                kind: Value.self == SecretReferenceValue.self ? .badReference : .badAnnotation, key: key,
                message: "\"\(Shown.text(text))\" \(fault.phrase)")
        }
    }
}

/// A row whatever its value's type, for lists and documentation.
protocol AnnotationRow: Sendable {
    var key: String { get }
    var documentedKey: String { get }
    var accepted: String { get }
    var absent: String { get }
    var meaning: String { get }
    /// The name behind the key's dot ("" for none), or nil where the key is not of this row.
    func name(in key: AnnotationKey) -> String?
}

extension AnnotationRow {
    /// The same for the text of a key behind `latchkey.dev/`.
    func name(in key: Substring) -> String? { name(in: AnnotationKey(key.utf8)) }
}

/// A key behind `latchkey.dev/`, taken apart once for all rows. No row's own key holds a dot.
struct AnnotationKey {
    /// What stands before the first dot.
    let base: String
    /// What stands behind it: "" where there is no dot, nil where nothing follows it.
    let name: String?

    init(_ text: Substring.UTF8View) {
        guard let dot = text.firstIndex(of: UInt8(ascii: ".")) else {
            base = String(Substring(text))
            name = ""
            return
        }
        base = String(Substring(text[..<dot]))
        let rest = text[dot...].dropFirst()
        name = rest.isEmpty ? nil : String(Substring(rest))
    }
}

extension Annotation: AnnotationRow {
    var documentedKey: String {
        switch shape {
        case .plain: key
        case .perName(let placeholder): "\(key).<\(placeholder)>"
        case .plainOrPerName(let placeholder): "\(key)[.<\(placeholder)>]"
        }
    }

    func name(in text: AnnotationKey) -> String? {
        guard text.base.isSameText(as: key), let name = text.name else { return nil }
        switch shape {
        case .plain: return name.isEmpty ? name : nil
        case .perName: return name.isEmpty ? nil : name
        case .plainOrPerName: return name
        }
    }
}

/// How a piece of somebody else's text is put into a message: printable, in one direction, and short.
enum Shown {
    private static let maximumLength = 120
    private static let maximumSentence = 600
    private static let maximumNames = 20

    static func text(_ text: String) -> String { cut(text, to: maximumLength) }

    /// A sentence of ours that quotes such text.
    static func sentence(_ text: String) -> String { cut(text, to: maximumSentence) }

    private static func cut(_ text: String, to length: Int) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(length) {
            shown.append(isHarmless(scalar) ? scalar : "\u{FFFD}")
        }
        return String(shown) + (text.unicodeScalars.dropFirst(length).isEmpty ? "" : "…")
    }

    /// The first of several names.
    static func list(_ names: some Collection<String>) -> String {
        let more = names.count - maximumNames
        return names.prefix(maximumNames).map(text).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    /// Neither a control character nor a line break nor something that changes the direction of what follows.
    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: false
        default: true
        }
    }
}
