import CYaml

/// One step through a text as libyaml takes it.
struct YAMLEvent {
    enum Kind {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(Scalar)
        case sequenceStart(anchor: String?)
        case sequenceEnd
        case mappingStart(anchor: String?)
        case mappingEnd
    }

    struct Scalar {
        /// The text without quotes, escapes resolved.
        let text: String
        let anchor: String?
        /// The tag in its long form, or nil where none was written.
        let tag: String?
        /// Written without quotes, so that the text itself says what kind of value it is.
        let isPlain: Bool
    }

    let kind: Kind
    let mark: YAMLMark
}

extension YAMLEvent {
    /// Copies libyaml's event; nil where a text in it is not UTF-8 (libyaml itself checks its input, so it never is).
    init?(_ event: yaml_event_t) {
        mark = YAMLMark(event.start_mark)
        switch event.type {
        case YAML_STREAM_START_EVENT: kind = .streamStart
        case YAML_STREAM_END_EVENT: kind = .streamEnd
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        case YAML_ALIAS_EVENT:
            guard let name = Self.string(event.data.alias.anchor) else { return nil }
            kind = .alias(name)
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart(anchor: Self.string(event.data.sequence_start.anchor))
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart(anchor: Self.string(event.data.mapping_start.anchor))
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
            kind = .scalar(
                Scalar(
                    text: text, anchor: Self.string(scalar.anchor), tag: Self.string(scalar.tag),
                    isPlain: scalar.plain_implicit != 0 && scalar.style == YAML_PLAIN_SCALAR_STYLE))
        default:
            return nil
        }
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        text.map { String(cString: $0) }
    }
}
