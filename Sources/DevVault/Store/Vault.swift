import JSON

/// The content of one vault and the life of its objects.
struct Vault: Sendable {
    /// By lower-cased name.
    var objects: [ObjectKind: [String: StoredObject]] = [:]
    /// Certificate issuers by name, as they are shown, without `id`.
    var issuers = JSONObject()
    /// The list of certificate contacts.
    var contacts: JSONValue?

    subscript(kind: ObjectKind, name: String) -> StoredObject? {
        get { objects[kind]?[name.lowercased()] }
        set { objects[kind, default: [:]][name.lowercased()] = newValue }
    }

    /// An object in use.
    func active(_ kind: ObjectKind, _ name: String) throws(KeyVaultFault) -> StoredObject {
        guard let object = self[kind, name], object.phase == .active, !object.versions.isEmpty else {
            throw .notFound(kind, name)
        }
        return object
    }

    /// An object and the index of one of its versions; nil and "" mean the newest.
    func located(
        _ kind: ObjectKind, _ name: String, _ id: String?
    ) throws(KeyVaultFault) -> (object: StoredObject, index: Int, version: StoredVersion) {
        let object = try active(kind, name)
        guard let index = object.index(ofVersion: id), object.versions.indices.contains(index) else {
            throw .notFound(kind, "\(name)/\(id ?? "")")
        }
        return (object, index, object.versions[index])
    }

    /// Makes sure that a version may be added under the name: the name is free or in use.
    func checkWritable(_ kind: ObjectKind, _ name: String) throws(KeyVaultFault) {
        switch self[kind, name]?.phase {
        case nil, .active?: return
        case .deleting?: throw .beingDeleted(kind, name)
        case .deleted?: throw .deletedButRecoverable(kind, name)
        case .recovering?: throw .beingRecovered(kind, name)
        }
    }

    /// Adds a version, and the object where it is the first.
    mutating func add(_ version: StoredVersion, _ kind: ObjectKind, _ name: String) throws(KeyVaultFault) {
        try checkWritable(kind, name)
        if let current = self[kind, name]?.latest, current.isManaged, !version.isManaged {
            throw .managed(kind)
        }
        self[kind, name, default: StoredObject(name: name, versions: [])].versions.append(version)
    }

    subscript(kind: ObjectKind, name: String, default empty: @autoclosure () -> StoredObject) -> StoredObject {
        get { self[kind, name] ?? empty() }
        set { self[kind, name] = newValue }
    }

    /// The active objects of a collection, by name.
    func list(_ kind: ObjectKind) -> [StoredObject] {
        (objects[kind] ?? [:]).sorted { $0.key < $1.key }.map(\.value).filter {
            $0.phase == .active && !$0.versions.isEmpty
        }
    }

    /// The deleted objects of a collection, by name.
    func listDeleted(_ kind: ObjectKind) -> [StoredObject] {
        (objects[kind] ?? [:]).sorted { $0.key < $1.key }.map(\.value).filter { $0.phase == .deleted }
    }
}

extension KeyVaultFault {
    static func managed(_ kind: ObjectKind) -> KeyVaultFault {
        KeyVaultFault(403, "Forbidden", "The \(kind.word) belongs to a certificate; change the certificate instead.")
    }
}
