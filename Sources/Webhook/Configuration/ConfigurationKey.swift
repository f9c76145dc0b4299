import JSON
import SecretSpec

/// One row of the configuration's table: a key, what it takes, and where the value goes. Reader, documentation and
/// messages are all made from it.
struct ConfigurationKey<Target>: Sendable {
    /// How a value is taken over.
    enum Kind: Sendable {
        /// A single value; false where it is not accepted.
        case scalar(@Sendable (JSONValue, inout Target) -> Bool)
        /// A list of objects; the reader gets an element and its key path.
        case list(@Sendable (JSONValue, String, inout Target, inout [ConfigurationProblem]) -> Void)
    }

    /// The key path from the root, e.g. `server.drainTimeout`.
    let path: String
    /// What is accepted, as the end of a sentence.
    let accepted: String
    /// The default as the documentation shows it; nil where there is none.
    let defaultText: String?
    /// What the key means; one sentence or two.
    let summary: String
    /// Whether the configuration is wrong without it.
    var isRequired = false
    /// The command-line flag that overrides it.
    var flag: String?
    let kind: Kind
}

extension ConfigurationKey {
    private static func row(
        _ path: String, _ accepted: String, _ defaultText: String?, _ summary: String, flag: String? = nil,
        _ read: @escaping @Sendable (JSONValue, inout Target) -> Bool
    ) -> ConfigurationKey {
        ConfigurationKey(
            path: path, accepted: accepted, defaultText: defaultText, summary: summary, flag: flag,
            kind: .scalar(read))
    }

    /// A value that a text must be turned into; numbers are taken by their text.
    static func parsed<Value>(
        _ path: String, _ accepted: String, default defaultText: String? = nil, flag: String? = nil,
        _ summary: String, parse: @escaping @Sendable (String) -> Value?,
        set: @escaping @Sendable (inout Target, Value) -> Void
    ) -> ConfigurationKey {
        row(path, accepted, defaultText, summary, flag: flag) { json, target in
            let text: String
            switch json {
            case .string(let string): text = string
            case .number(let number): text = number.text
            default: return false
            }
            guard let value = parse(text) else { return false }
            set(&target, value)
            return true
        }
    }

    /// One of a few words.
    static func word(
        _ path: String, _ words: [String], default defaultText: String? = nil, flag: String? = nil, _ summary: String,
        set: @escaping @Sendable (inout Target, String) -> Void
    ) -> ConfigurationKey {
        parsed(
            path, words.map { "`\($0)`" }.joined(separator: ", "), default: defaultText, flag: flag, summary,
            parse: { words.contains($0) ? $0 : nil }, set: set)
    }

    /// A duration between two bounds.
    static func duration(
        _ path: String, _ range: ClosedRange<Duration>, default value: Duration, _ summary: String,
        set: @escaping @Sendable (inout Target, Duration) -> Void
    ) -> ConfigurationKey {
        parsed(
            path,
            "a duration such as `30s`, `2m` or `1h`, from \(DurationText.format(range.lowerBound)) "
                + "to \(DurationText.format(range.upperBound))",
            default: DurationText.format(value), summary,
            parse: { text in DurationText.parse(text).flatMap { range.contains($0) ? $0 : nil } }, set: set)
    }

    /// How often rotation is looked for, in seconds; nil for not at all.
    static func refreshInterval(
        _ path: String, default value: Int, _ summary: String, set: @escaping @Sendable (inout Target, Int?) -> Void
    ) -> ConfigurationKey {
        row(path, RefreshInterval.accepted, RefreshInterval.text(seconds: value), summary) { json, target in
            // YAML 1.1 takes an `off` without quotes for a truth value.
            switch json.bool == false ? .off : json.string.flatMap(RefreshInterval.init) {
            case .off: set(&target, nil)
            case .every(let seconds): set(&target, seconds)
            case nil: return false
            }
            return true
        }
    }

    /// `true` or `false`.
    static func truth(
        _ path: String, default value: Bool, _ summary: String,
        set: @escaping @Sendable (inout Target, Bool) -> Void
    ) -> ConfigurationKey {
        row(path, "`true` or `false`", value ? "true" : "false", summary) { json, target in
            guard let value = json.bool else { return false }
            set(&target, value)
            return true
        }
    }

    /// An amount of memory between two bounds, in bytes.
    static func quantity(
        _ path: String, _ range: ClosedRange<Int>, default value: Int, _ summary: String,
        set: @escaping @Sendable (inout Target, Int) -> Void
    ) -> ConfigurationKey {
        parsed(
            path,
            "an amount such as `24Mi` or `1Gi`, from \(QuantityText.format(range.lowerBound)) "
                + "to \(QuantityText.format(range.upperBound))",
            default: QuantityText.format(value), summary,
            parse: { text in QuantityText.parse(text).flatMap { range.contains($0) ? $0 : nil } }, set: set)
    }

    /// A whole number between two bounds.
    static func integer(
        _ path: String, _ range: ClosedRange<Int>, default defaultText: String, _ summary: String,
        set: @escaping @Sendable (inout Target, Int) -> Void
    ) -> ConfigurationKey {
        row(path, "a whole number from \(range.lowerBound) to \(range.upperBound)", defaultText, summary) {
            json, target in
            guard let value = json.int, range.contains(value) else { return false }
            set(&target, value)
            return true
        }
    }

    /// A whole number between two bounds, or `null` for none.
    static func optionalInteger(
        _ path: String, _ range: ClosedRange<Int>, default defaultText: String, _ summary: String,
        set: @escaping @Sendable (inout Target, Int?) -> Void
    ) -> ConfigurationKey {
        row(path, "a whole number from \(range.lowerBound) to \(range.upperBound), or `null`", defaultText, summary) {
            json, target in
            if case .null = json {
                set(&target, nil)
                return true
            }
            guard let value = json.int, range.contains(value) else { return false }
            set(&target, value)
            return true
        }
    }

    /// The same row, required.
    func required() -> ConfigurationKey {
        var row = self
        row.isRequired = true
        return row
    }
}
