/// How a manifest is written.
enum ManifestFormat: String, CaseIterable, Sendable {
    case yaml
    case json
}
