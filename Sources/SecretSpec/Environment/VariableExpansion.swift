/// What Kubernetes makes of `$(NAME)` in `env[].value`, `command` and `args`.
///
/// Source: kubernetes/kubernetes, `third_party/forked/golang/expansion/expand.go`. In short: `$(NAME)` is the
/// variable's value, or stays as it is where the name is not known; `$$` is `$`; any other `$` stays. A name reaches to
/// the next `)` and may hold everything else. Values are put in as they are and not looked at again. One oddity is
/// kept: after a `$`, a byte beyond ASCII is taken for the Latin-1 character of that number, so `$é` comes out garbled,
/// as on Kubernetes.
public enum VariableExpansion {
    /// A part of a text. The parts' results in their order are the result of the whole.
    public enum Part: Equatable, Sendable {
        /// Comes out as these bytes, escapes already undone.
        case text([UInt8])
        /// `$(NAME)`: the variable's value, or ``unknown(_:)`` where there is none.
        case reference(name: [UInt8])
    }

    /// The parts of a text.
    public static func parts(of text: some Collection<UInt8>) -> [Part] {
        let bytes = Array(text)
        var parts: [Part] = []
        var literal: [UInt8] = []
        for token in ExpansionToken.tokens(of: bytes) {
            switch token.kind {
            case .text: literal += bytes[token.range]
            case .operatorText(let result): literal += result
            case .reference(let name):
                if !literal.isEmpty { parts.append(.text(literal)) }
                literal = []
                parts.append(.reference(name: Array(bytes[name])))
            }
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
        return parts
    }

    /// The whole result.
    /// - Parameter value: of a name; nil where it is not known.
    public static func expand(
        _ text: some Collection<UInt8>, value: (_ name: [UInt8]) -> (some Collection<UInt8>)?
    ) -> [UInt8] {
        var result: [UInt8] = []
        for part in parts(of: text) {
            switch part {
            case .text(let bytes): result += bytes
            case .reference(let name):
                if let known = value(name) { result += known } else { result += unknown(name) }
            }
        }
        return result
    }

    /// What a reference to an unknown name stays: itself.
    public static func unknown(_ name: [UInt8]) -> [UInt8] {
        Array("$(".utf8) + name + Array(")".utf8)
    }

    /// A text that Kubernetes' expansion turns into the given one: every `$` is doubled. Needed for what Kubernetes
    /// would not have expanded, like an image's entrypoint that is written into a pod's `command`.
    public static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "$" { result.append("$") }
            result.append(scalar)
        }
        return String(result)
    }
}
