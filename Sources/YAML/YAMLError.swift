/// Why bytes are not YAML that this program takes. Names no value of the text, only anchors, tags and names of members.
public struct YAMLError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of fault.
    public enum Reason: Equatable, Sendable {
        /// libyaml refuses the text; its own words.
        case syntax(String)
        /// A mapping has a name twice.
        case duplicateKey(String)
        /// A mapping's key is null, a sequence or a mapping.
        case unusableKey
        /// `<<` is followed by something that is neither a mapping nor a sequence of mappings.
        case unusableMerge
        /// `*name` without an earlier `&name`.
        case unknownAnchor(String)
        /// `*name` inside of `&name`.
        case recursiveAnchor(String)
        /// Aliases stand for more than ``YAMLDocuments/maximumExpansion``.
        case tooManyAliases
        /// Sequences and mappings lie deeper in each other than ``JSON/JSONValue/maximumDepth``.
        case tooDeep
        /// A scalar that its tag cannot be.
        case tagMismatch(String)
        /// `.nan` or `.inf`, which JSON has not.
        case notFinite
        /// A scalar that is not UTF-8.
        case invalidText
    }

    /// What is wrong.
    public let reason: Reason
    /// The line, from 1.
    public let line: Int
    /// The column in characters, from 1.
    public let column: Int

    /// One sentence that says where and what to change.
    public var description: String {
        "line \(line), column \(column): \(sentence)"
    }

    private var sentence: String {
        switch reason {
        case .syntax(let problem): problem
        case .duplicateKey(let key): "the key '\(key)' is there a second time; keep one of the two"
        case .unusableKey: "a mapping's key must be a string, number or boolean"
        case .unusableMerge: "'<<' must be followed by a mapping or a sequence of mappings"
        case .unknownAnchor(let name): "'*\(name)' has no '&\(name)' before it in this document"
        case .recursiveAnchor(let name): "'&\(name)' contains itself"
        case .tooManyAliases: "the document's aliases stand for too much text; write them out"
        case .tooDeep: "sequences and mappings are nested deeper than YAML for Kubernetes may be"
        case .tagMismatch(let tag): "this value is no '\(tag)'; correct it or leave the tag out"
        case .notFinite: "JSON has no infinite numbers and no 'not a number'; quote the value if a string is meant"
        case .invalidText: "the value is not valid UTF-8 text"
        }
    }
}
