import CYaml

/// A place in the text, counted from 0.
struct YAMLMark {
    var line: Int
    var column: Int

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    init(_ mark: yaml_mark_t) {
        line = Int(clamping: mark.line)
        column = Int(clamping: mark.column)
    }

    /// The place of a byte; for libyaml's reader, which knows offsets only.
    init(ofByte offset: Int, in text: UnsafeBufferPointer<UInt8>) {
        let before = text.prefix(max(0, offset))
        line = before.count { $0 == UInt8(ascii: "\n") }
        let lastLine = before.reversed().prefix { $0 != UInt8(ascii: "\n") }
        column = lastLine.count { $0 & 0xC0 != 0x80 }
    }

    func error(_ reason: YAMLError.Reason) -> YAMLError {
        YAMLError(
            reason: reason, line: line.addingReportingOverflow(1).partialValue,
            column: column.addingReportingOverflow(1).partialValue)
    }
}
