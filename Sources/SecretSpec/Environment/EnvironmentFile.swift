/// What one container's environment is completed with, as the bytes of the file that `latchkey-exec` reads; see
/// ``EnvironmentFormat``.
///
///     var file = EnvironmentFile()
///     try secret.withUnsafeBytes { try file.replace("${akv://shop/db}".utf8, by: $0) }
///     file.withUnsafeBytes { write($0) }
///
/// The bytes hold secrets: they are overwritten when the file goes, and when it moves to larger memory.
public struct EnvironmentFile: ~Copyable {
    private var replacements = WipedBytes()
    private var variables = WipedBytes()
    private var texts: Set<[UInt8]> = []
    private var names: Set<[UInt8]> = []

    /// A file that replaces nothing and adds nothing.
    public init() {}

    /// Puts a value in place of a text. Texts come once.
    /// - Throws: ``EnvironmentFileError``; the file is as before then.
    public mutating func replace(
        _ text: some Collection<UInt8>, by value: some Collection<UInt8>
    ) throws(EnvironmentFileError) {
        let shown = String(decoding: text, as: UTF8.self)
        guard !text.isEmpty, !text.contains(0) else { throw .unusableText(shown) }
        try check(value, named: shown, with: text.count + 2)
        guard texts.insert(Array(text)).inserted else { throw .duplicateText(shown) }
        replacements.append(text)
        replacements.append(CollectionOfOne(0))
        replacements.append(value)
        replacements.append(CollectionOfOne(0))
    }

    /// Adds a variable after the others. Names come once: whoever resolves them has decided which value counts.
    /// - Throws: ``EnvironmentFileError``; the file is as before then.
    public mutating func append(
        name: some Collection<UInt8>, value: some Collection<UInt8>
    ) throws(EnvironmentFileError) {
        let shown = String(decoding: name, as: UTF8.self)
        let equals = UInt8(ascii: "=")
        guard !name.isEmpty, !name.contains(0), !name.contains(equals) else { throw .unusableName(shown) }
        try check(value, named: shown, with: name.count + 2)
        guard names.insert(Array(name)).inserted else { throw .duplicateName(shown) }
        variables.append(name)
        variables.append(CollectionOfOne(equals))
        variables.append(value)
        variables.append(CollectionOfOne(0))
    }

    /// Gives access to the whole file; the pointer must not leave the closure.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        let size = Self.beginnings.count + replacements.count + variables.count
        let numbers = [BackendDescriptor.all.count, texts.count, names.count, size].map(String.init)
        var whole = WipedBytes()
        whole.append("\(EnvironmentFormat.magic)\(numbers.joined(separator: " "))\n".utf8)
        whole.append(Self.beginnings)
        replacements.withUnsafeBytes { whole.append($0) }
        variables.withUnsafeBytes { whole.append($0) }
        return try whole.withUnsafeBytes(body)
    }

    private static let beginnings = BackendDescriptor.all.flatMap { Array("\($0.scheme)://\0".utf8) }
    /// The most bytes of the first line: four numbers of at most seven digits, spaces and a line's end.
    private static let firstLineRoom = EnvironmentFormat.magic.utf8CodeUnitCount + 4 * 8

    /// - Parameter rest: how many bytes the entry has beside the value.
    private func check(
        _ value: some Collection<UInt8>, named name: String, with rest: Int
    ) throws(EnvironmentFileError) {
        guard !value.contains(0) else { throw .valueHoldsNUL(name: name) }
        // No overflow: collections in memory are far smaller.
        let size = value.count + rest
        guard size <= EnvironmentFormat.maximumEntrySize else { throw .valueTooLong(name: name) }
        let sum = Self.firstLineRoom + Self.beginnings.count + replacements.count + variables.count + size
        guard sum <= EnvironmentFormat.maximumSize else { throw .tooLarge }
    }
}
