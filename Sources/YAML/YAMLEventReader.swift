import CYaml

/// Takes libyaml through one text, event by event.
final class YAMLEventReader {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let isUsable: Bool
    private let text: UnsafeBufferPointer<UInt8>

    /// The text must outlive the reader and must not be empty.
    init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        // libyaml wants an address, even of nothing.
        guard let start = text.baseAddress, yaml_parser_initialize(parser) == 1 else {
            isUsable = false
            return
        }
        isUsable = true
        yaml_parser_set_input_string(parser, start, text.count)
    }

    deinit {
        if isUsable { yaml_parser_delete(parser) }
        parser.deinitialize(count: 1)
        parser.deallocate()
    }

    /// The next event. Not to be called again after an error or the stream's end.
    func next() throws(YAMLError) -> YAMLEvent {
        guard isUsable else { throw YAMLMark(line: 0, column: 0).error(.syntax("there is no memory for it")) }
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        guard let copy = YAMLEvent(event) else { throw YAMLMark(event.start_mark).error(.invalidText) }
        return copy
    }

    private func failure() -> YAMLError {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "it is not YAML"
        switch state.error {
        case YAML_MEMORY_ERROR:
            return YAMLMark(state.mark).error(.syntax("there is no memory for it"))
        case YAML_READER_ERROR:
            let offset = Int(clamping: state.problem_offset)
            return YAMLMark(ofByte: offset, in: text).error(.syntax(problem))
        default:
            let context = state.context.map { " " + String(cString: $0) } ?? ""
            let begin = YAMLMark(state.context_mark)
            let origin = context.isEmpty || begin.line == 0 ? "" : " that begins on line \(begin.line + 1)"
            return YAMLMark(state.problem_mark).error(.syntax(problem + context + origin))
        }
    }
}
