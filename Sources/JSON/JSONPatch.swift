/// A JSON Patch (RFC 6902): operations in their order.
public struct JSONPatch: Sendable, Equatable {
    /// One operation.
    public enum Operation: Sendable, Equatable {
        case add(path: JSONPointer, value: JSONValue)
        case remove(path: JSONPointer)
        case replace(path: JSONPointer, value: JSONValue)
        case move(from: JSONPointer, path: JSONPointer)
        case copy(from: JSONPointer, path: JSONPointer)
        case test(path: JSONPointer, value: JSONValue)
    }

    /// The operations in their order.
    public var operations: [Operation]

    /// A patch of these operations.
    public init(_ operations: [Operation] = []) {
        self.operations = operations
    }

    /// Whether the patch does nothing.
    public var isEmpty: Bool { operations.isEmpty }
}

/// Why a patch cannot be read or does not apply. `index` counts operations from 0.
public enum JSONPatchError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The document is no list of RFC 6902's operations.
    case malformed(index: Int?, problem: String)
    /// A pointer leads nowhere in the document.
    case noSuchValue(index: Int, path: String)
    /// A `test` found another value.
    case testFailed(index: Int, path: String)
    /// A `move` into what is moved.
    case moveIntoItself(index: Int, path: String)
    /// A value would lie deeper than ``JSONValue/maximumDepth``.
    case tooDeep(index: Int, path: String)
    /// The patch copies so much that the result grows out of hand.
    case tooLarge(index: Int, path: String)

    /// One sentence.
    public var description: String {
        switch self {
        case .malformed(nil, let problem): "the patch \(problem)"
        case .malformed(let index?, let problem): "operation \(index) of the patch \(problem)"
        case .noSuchValue(let index, let path): "operation \(index) of the patch: there is nothing at '\(path)'"
        case .testFailed(let index, let path): "operation \(index) of the patch: test failed at '\(path)'"
        case .moveIntoItself(let index, let path):
            "operation \(index) of the patch moves a value into itself, '\(path)'"
        case .tooDeep(let index, let path):
            "operation \(index) of the patch puts a value deeper than \(JSONValue.maximumDepth) levels at '\(path)'"
        case .tooLarge(let index, let path):
            "operation \(index) of the patch copies too much to '\(path)'; write fewer or smaller copies"
        }
    }
}
