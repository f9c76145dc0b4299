import JSON

/// Makes values out of events: anchors, merges, keys, bounds.
struct YAMLComposer {
    private let reader: YAMLEventReader
    /// Anchors of the current document; nil while what they name is being read.
    private var anchors: [String: YAMLNode?] = [:]
    private var expanded = 0

    init(_ reader: YAMLEventReader) {
        self.reader = reader
    }

    mutating func documents() throws(YAMLError) -> [JSONValue] {
        var documents: [JSONValue] = []
        while true {
            switch try reader.next().kind {
            case .streamEnd:
                return documents
            case .documentStart:
                anchors = [:]
                documents.append(try node(from: try reader.next(), depth: 0).value)
            default:
                continue  // the stream's start and the ends of documents
            }
        }
    }

    private mutating func node(from event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        switch event.kind {
        case .alias(let name):
            return try alias(name, at: event.mark, depth: depth)
        case .scalar(let scalar):
            let node = YAMLNode.scalar(
                try YAMLScalar.value(of: scalar, at: event.mark), textLength: scalar.text.utf8.count)
            if let anchor = scalar.anchor { anchors[anchor] = .some(node) }
            return node
        case .sequenceStart(let anchor):
            return try collection(anchor, event.mark, depth) { composer, depth throws(YAMLError) in
                try composer.sequence(depth: depth)
            }
        case .mappingStart(let anchor):
            return try collection(anchor, event.mark, depth) { composer, depth throws(YAMLError) in
                try composer.mapping(depth: depth)
            }
        default:
            throw event.mark.error(.syntax("a value is missing"))
        }
    }

    private mutating func collection(
        _ anchor: String?, _ mark: YAMLMark, _ depth: Int,
        _ body: (inout YAMLComposer, Int) throws(YAMLError) -> YAMLNode
    ) throws(YAMLError) -> YAMLNode {
        guard depth < JSONValue.maximumDepth else { throw mark.error(.tooDeep) }
        if let anchor { anchors[anchor] = .some(nil) }
        let node = try body(&self, depth + 1)
        if let anchor { anchors[anchor] = .some(node) }
        return node
    }

    private mutating func alias(_ name: String, at mark: YAMLMark, depth: Int) throws(YAMLError) -> YAMLNode {
        guard let anchor = anchors[name] else { throw mark.error(.unknownAnchor(name)) }
        guard let node = anchor else { throw mark.error(.recursiveAnchor(name)) }
        guard depth + node.height <= JSONValue.maximumDepth else { throw mark.error(.tooDeep) }
        let (sum, overflow) = expanded.addingReportingOverflow(node.weight)
        guard !overflow, sum <= YAMLDocuments.maximumExpansion else { throw mark.error(.tooManyAliases) }
        expanded = sum
        return node
    }

    private mutating func sequence(depth: Int) throws(YAMLError) -> YAMLNode {
        var elements: [JSONValue] = []
        var whole = YAMLNode(value: .null, weight: 8, height: 1)
        while true {
            let event = try reader.next()
            if case .sequenceEnd = event.kind { break }
            let element = try node(from: event, depth: depth)
            elements.append(element.value)
            whole.absorb(element)
        }
        whole.value = .array(elements)
        return whole
    }

    private mutating func mapping(depth: Int) throws(YAMLError) -> YAMLNode {
        var mapping = YAMLMapping()
        var whole = YAMLNode(value: .null, weight: 8, height: 1)
        while true {
            let event = try reader.next()
            if case .mappingEnd = event.kind { break }
            if case .scalar(let scalar) = event.kind, YAMLScalar.isMergeKey(scalar) {
                let next = try reader.next()
                let merged = try node(from: next, depth: depth)
                guard mapping.merge(merged.value) else { throw next.mark.error(.unusableMerge) }
                whole.absorb(merged)
                continue
            }
            let key = try key(from: event, depth: depth)
            let value = try node(from: try reader.next(), depth: depth)
            guard mapping.set(key, value.value) else { throw event.mark.error(.duplicateKey(key)) }
            whole.absorb(.scalar(.null, textLength: key.utf8.count))
            whole.absorb(value)
        }
        whole.value = .object(mapping.object)
        return whole
    }

    private mutating func key(from event: YAMLEvent, depth: Int) throws(YAMLError) -> String {
        if case .scalar(let scalar) = event.kind, scalar.isPlain, let key = YAMLScalar.plainKey(scalar.text) {
            if let anchor = scalar.anchor {
                anchors[anchor] = .some(
                    .scalar(try YAMLScalar.value(of: scalar, at: event.mark), textLength: scalar.text.utf8.count))
            }
            return key
        }
        guard let key = YAMLScalar.key(of: try node(from: event, depth: depth).value) else {
            throw event.mark.error(.unusableKey)
        }
        return key
    }
}
