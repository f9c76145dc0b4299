public import SecretSpec

/// What one look at the objects of a plan gave: every object once, read or failed. All files are made of one snapshot,
/// so that no two of them show different versions of one object.
public struct SecretSnapshot: Sendable {
    /// An object of a vault and what came of asking for it.
    public struct Object: Sendable {
        /// The first reference to it.
        public let reference: SecretReference
        /// The files that need it, by their source, each once.
        public let sources: [String]
        /// Why it could not be read this time; nil where it could.
        public let error: VaultError?
        /// What the files are made of.
        let document: (any VaultDocument)?

        /// The version that the files are made of, as the vault names it, where it does.
        public var version: String? { document?.version }
        /// What its owner should know though it was read, as one sentence.
        public var warning: String? { document?.warning }
    }

    /// The objects in the order in which the plan first names them.
    public let objects: [Object]
    let indices: [VaultLocation: Int]

    /// The objects at these locations, each once, in the order of the locations.
    func objects(of locations: [VaultLocation]) -> [Object] {
        var seen: Set<Int> = []
        return locations.compactMap { location in
            guard let index = indices[location], seen.insert(index).inserted else { return nil }
            return objects[checked: index]
        }
    }
}

extension Array {
    /// Nil where there is no such element.
    subscript(checked index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
