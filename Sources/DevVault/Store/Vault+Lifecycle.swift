extension Vault {
    /// Days between deletion and purge.
    static let recoverableDays = 90

    /// The object, and for a certificate the key and secret that live with it.
    private func family(_ kind: ObjectKind, _ name: String) -> [ObjectKind] {
        guard kind == .certificates else { return [kind] }
        return [.certificates]
            + [.keys, .secrets].filter { self[$0, name]?.latest?.isManaged ?? false }
    }

    /// Soft deletion.
    mutating func delete(_ kind: ObjectKind, _ name: String, now: Int, polls: Int) throws(KeyVaultFault) {
        if try active(kind, name).latest?.isManaged ?? false { throw .managed(kind) }
        let purge = now.addingReportingOverflow(Self.recoverableDays * 86400).partialValue
        for member in family(kind, name) {
            self[member, name]?.phase = polls > 0 ? .deleting(polls: polls) : .deleted
            self[member, name]?.deletion = StoredObject.Deletion(date: now, scheduledPurge: purge)
        }
    }

    /// A poll for the deleted object; counts down a deletion that is under way.
    mutating func pollDeleted(_ kind: ObjectKind, _ name: String) throws(KeyVaultFault) -> StoredObject {
        guard let object = self[kind, name] else { throw .deletedNotFound(kind, name) }
        switch object.phase {
        case .deleted: return object
        case .deleting(let polls):
            for member in family(kind, name) {
                self[member, name]?.phase = polls > 1 ? .deleting(polls: polls - 1) : .deleted
            }
            throw .deletedNotFound(kind, name)
        case .active, .recovering: throw .deletedNotFound(kind, name)
        }
    }

    /// A poll for the object; counts down a recovery that is under way.
    mutating func poll(_ kind: ObjectKind, _ name: String) throws(KeyVaultFault) {
        guard case .recovering(let polls)? = self[kind, name]?.phase else { return }
        for member in family(kind, name) {
            self[member, name]?.phase = polls > 1 ? .recovering(polls: polls - 1) : .active
        }
        throw .notFound(kind, name)
    }

    /// Brings a deleted object back.
    mutating func recover(_ kind: ObjectKind, _ name: String, polls: Int) throws(KeyVaultFault) -> StoredObject {
        let object = try deleted(kind, name)
        if object.latest?.isManaged ?? false { throw .managed(kind) }
        for member in family(kind, name) {
            self[member, name]?.phase = polls > 0 ? .recovering(polls: polls) : .active
            self[member, name]?.deletion = nil
        }
        return self[kind, name] ?? object
    }

    /// Takes a deleted object away for good.
    mutating func purge(_ kind: ObjectKind, _ name: String) throws(KeyVaultFault) {
        if try deleted(kind, name).latest?.isManaged ?? false { throw .managed(kind) }
        for member in family(kind, name) { self[member, name] = nil }
    }

    /// Puts a backup back under its name, which must be free.
    mutating func restore(_ objects: [(ObjectKind, StoredObject)]) throws(KeyVaultFault) {
        for (kind, object) in objects {
            guard let present = self[kind, object.name] else { continue }
            switch present.phase {
            case .deleted: throw .deletedButRecoverable(kind, object.name)
            case .deleting: throw .beingDeleted(kind, object.name)
            case .active, .recovering:
                throw KeyVaultFault(
                    409, "Conflict",
                    "There was a conflict restoring the \(kind.word) '\(object.name)'. A \(kind.word) with this name "
                        + "already exists.")
            }
        }
        for (kind, object) in objects { self[kind, object.name] = object }
    }

    /// What a backup of the object has to hold.
    func backup(_ kind: ObjectKind, _ name: String) throws(KeyVaultFault) -> [(ObjectKind, StoredObject)] {
        if try active(kind, name).latest?.isManaged ?? false { throw .managed(kind) }
        return family(kind, name).compactMap { member in self[member, name].map { (member, $0) } }
    }

    private func deleted(_ kind: ObjectKind, _ name: String) throws(KeyVaultFault) -> StoredObject {
        guard let object = self[kind, name] else { throw .notFound(kind, name) }
        switch object.phase {
        case .deleted: return object
        case .deleting: throw .beingDeleted(kind, name)
        case .active, .recovering: throw .notFound(kind, name)
        }
    }
}
