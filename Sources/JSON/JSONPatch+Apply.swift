extension JSONPatch {
    /// How many values `copy` operations of one patch may copy in all. A few dozen copies of the document into itself
    /// would otherwise make one that nobody could print.
    static let maximumCopiedValues = 1_000_000

    /// The document with every operation applied in order; the whole patch or nothing (RFC 6902, 5).
    ///
    /// Nothing is put deeper than ``JSONValue/maximumDepth``, so that the result can be parsed again.
    public func applied(to document: JSONValue) throws(JSONPatchError) -> JSONValue {
        var document = document
        var copyBudget = JSONPatch.maximumCopiedValues
        for (index, operation) in operations.enumerated() {
            try JSONPatch.apply(operation, index: index, to: &document, copyBudget: &copyBudget)
        }
        return document
    }

    private static func apply(
        _ operation: Operation, index: Int, to document: inout JSONValue, copyBudget: inout Int
    ) throws(JSONPatchError) {
        switch operation {
        case .add(let path, let value):
            try checkDepth(of: value, at: path, index: index)
            try document.edit(.insert(value), at: path, index: index)
        case .remove(let path):
            try document.edit(.remove, at: path, index: index)
        case .replace(let path, let value):
            try checkDepth(of: value, at: path, index: index)
            try document.edit(.replace(value), at: path, index: index)
        case .move(let from, let path):
            let value = try existing(from, in: document, index: index)
            if from == path { return }
            guard !from.isPrefix(of: path) else { throw .moveIntoItself(index: index, path: path.description) }
            if path.tokens.count > from.tokens.count { try checkDepth(of: value, at: path, index: index) }
            try document.edit(.remove, at: from, index: index)
            try document.edit(.insert(value), at: path, index: index)
        case .copy(let from, let path):
            let value = try existing(from, in: document, index: index)
            guard value.takeCount(from: &copyBudget) else { throw .tooLarge(index: index, path: path.description) }
            try checkDepth(of: value, at: path, index: index)
            try document.edit(.insert(value), at: path, index: index)
        case .test(let path, let value):
            guard try existing(path, in: document, index: index) == value else {
                throw .testFailed(index: index, path: path.description)
            }
        }
    }

    private static func existing(
        _ path: JSONPointer, in document: JSONValue, index: Int
    ) throws(JSONPatchError) -> JSONValue {
        guard let value = document.value(at: path) else {
            throw .noSuchValue(index: index, path: path.description)
        }
        return value
    }

    private static func checkDepth(of value: JSONValue, at path: JSONPointer, index: Int) throws(JSONPatchError) {
        guard value.fits(levels: JSONValue.maximumDepth - path.tokens.count) else {
            throw .tooDeep(index: index, path: path.description)
        }
    }
}

extension JSONValue {
    /// Whether its arrays and objects lie at most so deep in each other.
    fileprivate func fits(levels: Int) -> Bool {
        switch self {
        case .array(let elements): levels > 0 && elements.allSatisfy { $0.fits(levels: levels - 1) }
        case .object(let object): levels > 0 && object.members.allSatisfy { $0.value.fits(levels: levels - 1) }
        default: levels >= 0
        }
    }

    /// Takes the number of values in it off the budget. False, and soon, where that is too small.
    fileprivate func takeCount(from budget: inout Int) -> Bool {
        guard budget > 0 else { return false }
        budget -= 1
        switch self {
        case .array(let elements): return elements.allSatisfy { $0.takeCount(from: &budget) }
        case .object(let object): return object.members.allSatisfy { $0.value.takeCount(from: &budget) }
        default: return true
        }
    }
}

extension JSONValue {
    fileprivate enum Edit {
        case insert(JSONValue)
        case replace(JSONValue)
        case remove
    }

    fileprivate mutating func edit(_ edit: Edit, at path: JSONPointer, index: Int) throws(JSONPatchError) {
        let missing = JSONPatchError.noSuchValue(index: index, path: path.description)
        guard !path.tokens.isEmpty else {
            switch edit {
            case .insert(let value), .replace(let value): self = value
            case .remove: self = .null
            }
            return
        }
        try self.edit(edit, along: path.tokens[...], missing: missing)
    }

    private mutating func edit(
        _ edit: Edit, along tokens: ArraySlice<String>, missing: JSONPatchError
    ) throws(JSONPatchError) {
        guard let token = tokens.first else { return }
        let rest = tokens.dropFirst()
        switch self {
        case .object(var object):
            self = .null  // one owner, so that the change below copies nothing
            defer { self = .object(object) }
            if rest.isEmpty {
                try JSONValue.edit(edit, member: token, of: &object, missing: missing)
            } else {
                guard let place = object.index(of: token) else { throw missing }
                try object.withValue(at: place) { (value: inout JSONValue) throws(JSONPatchError) in
                    try value.edit(edit, along: rest, missing: missing)
                }
            }
        case .array(var elements):
            self = .null
            defer { self = .array(elements) }
            if rest.isEmpty {
                try JSONValue.edit(edit, element: token, of: &elements, missing: missing)
            } else {
                guard let place = JSONPointer.arrayIndex(token), place < elements.count else { throw missing }
                try elements[place].edit(edit, along: rest, missing: missing)
            }
        default:
            throw missing
        }
    }

    private static func edit(
        _ edit: Edit, member name: String, of object: inout JSONObject, missing: JSONPatchError
    ) throws(JSONPatchError) {
        switch edit {
        case .insert(let value):
            object[name] = value
        case .replace(let value):
            guard object[name] != nil else { throw missing }
            object[name] = value
        case .remove:
            guard object[name] != nil else { throw missing }
            object[name] = nil
        }
    }

    private static func edit(
        _ edit: Edit, element token: String, of elements: inout [JSONValue], missing: JSONPatchError
    ) throws(JSONPatchError) {
        if case .insert(let value) = edit {
            guard token != "-" else {
                elements.append(value)
                return
            }
            guard let place = JSONPointer.arrayIndex(token), place <= elements.count else { throw missing }
            elements.insert(value, at: place)
            return
        }
        guard let place = JSONPointer.arrayIndex(token), place < elements.count else { throw missing }
        if case .replace(let value) = edit {
            elements[place] = value
        } else {
            elements.remove(at: place)
        }
    }
}
