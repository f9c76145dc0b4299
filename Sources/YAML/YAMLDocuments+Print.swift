public import JSON

extension YAMLDocuments {
    /// Documents in block style as kubectl prints them: two spaces, sequences not indented below their name, strings in
    /// quotes wherever they would read back as another type (under YAML 1.1 or 1.2) or not at all.
    ///
    /// ``parse(_:)`` gives the same values back, the text of numbers included.
    public static func print(_ documents: [JSONValue]) -> [UInt8] {
        var printer = YAMLPrinter()
        for (index, document) in documents.enumerated() {
            if index > 0 { printer.separate() }
            printer.write(document: document)
        }
        return printer.output
    }
}
