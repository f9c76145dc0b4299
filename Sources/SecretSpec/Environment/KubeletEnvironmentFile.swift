/// A file of variables as the kubelet reads it for `fileKeyRef` (KEP-3721): lines `NAME='value'`, and nothing in a
/// value has a meaning but the quote that ends it, so a value may have several lines.
///
/// Source: kubernetes/kubernetes 1.36, `pkg/kubelet/util/env/env_util.go`, by whose reader the refusals below were
/// found. It reads a file once for each variable.
///
/// The bytes hold secrets: they are overwritten when the file goes.
public struct KubeletEnvironmentFile: ~Copyable {
    /// The longest name; the kubelet's own limit while the feature was new.
    public static let maximumNameLength = 128
    /// The most bytes of a line with its end (`bufio.MaxScanTokenSize` of Go).
    public static let maximumLineSize = 64 << 10

    private var content = WipedBytes()
    private var names: Set<[UInt8]> = []

    /// A file without variables.
    public init() {}

    /// Adds a variable.
    /// - Throws: ``KubeletEnvironmentFileError``; the file is as before then.
    public mutating func append(
        name: String, value: UnsafeRawBufferPointer
    ) throws(KubeletEnvironmentFileError) {
        try Self.check(name: name)
        if let problem = Self.problem(of: value, named: name) { throw problem }
        guard names.insert(Array(name.utf8)).inserted else { throw .duplicateName(name) }
        content.append("\(name)='".utf8)
        content.append(value)
        content.append("'\n".utf8)
    }

    /// Gives access to the whole file; the pointer must not leave the closure.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try content.withUnsafeBytes(body)
    }

    /// Throws where the kubelet would not find a name in its file.
    public static func check(name: String) throws(KubeletEnvironmentFileError) {
        guard name.utf8.count <= maximumNameLength else { throw .nameTooLong(name) }
        let blank = UInt8(ascii: " ")
        guard let first = name.utf8.first, first != blank, first != UInt8(ascii: "#"), name.utf8.last != blank,
            name.utf8.allSatisfy({ blank...UInt8(ascii: "~") ~= $0 && $0 != UInt8(ascii: "=") })
        else { throw .unusableName(name) }
    }

    private static func problem(
        of value: UnsafeRawBufferPointer, named name: String
    ) -> KubeletEnvironmentFileError? {
        if value.isEmpty { return .valueIsEmpty(name: name) }
        if value.count + name.utf8.count + 2 > EnvironmentFormat.maximumEntrySize { return .valueTooLong(name: name) }
        // With name, `=` and quote before it.
        var lineSize = name.utf8.count + 2
        var previous: UInt8 = 0
        for byte in value {
            switch byte {
            case 0: return .valueHoldsNUL(name: name)
            case UInt8(ascii: "'"): return .valueHoldsQuote(name: name)
            case UInt8(ascii: "\n"):
                if previous == UInt8(ascii: "\r") { return .valueHoldsCRLF(name: name) }
                if lineSize + 1 > maximumLineSize { return .lineTooLong(name: name) }
                lineSize = 0
            default: lineSize += 1
            }
            previous = byte
        }
        // The quote and the line's end.
        if lineSize + 2 > maximumLineSize { return .lineTooLong(name: name) }
        return isUTF8(value) ? nil : .valueIsNotUTF8(name: name)
    }

    private static func isUTF8(_ value: UnsafeRawBufferPointer) -> Bool {
        var bytes = value.makeIterator()
        var decoder = UTF8()
        while true {
            switch decoder.decode(&bytes) {
            case .scalarValue: continue
            case .emptyInput: return true
            case .error: return false
            }
        }
    }
}
