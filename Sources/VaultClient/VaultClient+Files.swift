public import SecretSpec

extension VaultClient {
    /// The files of the plan in its order, or every failure.
    /// - Parameter isExcluded: files that need an object which failed with such an error and has no content are left
    ///   out rather than failing.
    public func files(
        of snapshot: SecretSnapshot, excluding isExcluded: (VaultError) -> Bool = { _ in false }
    ) -> Result<[ResolvedFile], ResolveFailures> {
        var files: [ResolvedFile] = []
        var failures: [ResolveFailure] = []
        for file in plan.files {
            do throws(ResolveFailures) {
                files += try resolved(file, snapshot)
            } catch {
                failures += error.all.filter { !isExcluded($0.error) }
            }
        }
        return ResolveFailures(failures).map(Result.failure) ?? .success(files)
    }

    /// A template with what its references point to put in, or a failure for each reference that cannot be.
    /// - Parameters:
    ///   - source: the annotation or other place that the template is from, for messages.
    ///   - snapshot: what ``look(deadline:retryPolicy:)`` gave for a plan that names the template's references.
    public func value(
        of template: Template, from source: String, in snapshot: SecretSnapshot
    ) throws(ResolveFailures) -> SecretBytes {
        var renderer = TemplateRenderer { reference throws(VaultError) in
            try self.document(reference, snapshot).content(for: reference)
        }
        renderer.render(template)
        let failures = renderer.failures.map { ResolveFailure(source: source, reference: $0, error: $1) }
        if let failures = ResolveFailures(failures) { throw failures }
        return renderer.output.take()
    }

    private func resolved(
        _ file: AgentPlan.File, _ snapshot: SecretSnapshot
    ) throws(ResolveFailures) -> [ResolvedFile] {
        switch file.content {
        case .reference(let reference):
            do throws(VaultError) {
                return try resolved(file, reference, try document(reference, snapshot))
            } catch {
                throw ResolveFailures(ResolveFailure(source: file.source, reference: reference, error: error))
            }
        case .template(let template):
            let bytes = try value(of: template, from: file.source, in: snapshot)
            let objects = snapshot.objects(of: template.references.compactMap { try? locate($0).get() })
            let warnings = objects.compactMap(\.warning)
            return [
                ResolvedFile(
                    path: file.path, mode: file.mode, bytes: bytes,
                    version: objects.count == 1 ? objects.first?.version : nil,
                    warning: warnings.isEmpty ? nil : warnings.joined(separator: "; "))
            ]
        }
    }

    private func resolved(
        _ file: AgentPlan.File, _ reference: SecretReference, _ document: any VaultDocument
    ) throws(VaultError) -> [ResolvedFile] {
        switch try document.content(for: reference) {
        case .whole(let bytes):
            return [
                ResolvedFile(
                    path: file.path, mode: file.mode, bytes: bytes, version: document.version,
                    warning: document.warning)
            ]
        case .members(let members):
            var files: [ResolvedFile] = []
            for (index, member) in members.enumerated() {
                guard let path = file.path.appending(member.name) else {
                    throw VaultError(
                        .field,
                        "the name of member \(index + 1) cannot be a file's name; rename it, or name single members "
                            + "with '#...' instead of '#*'")
                }
                files.append(
                    ResolvedFile(
                        path: path, mode: file.mode, bytes: member.bytes, version: document.version,
                        warning: document.warning))
            }
            return files
        }
    }

    private func document(
        _ reference: SecretReference, _ snapshot: SecretSnapshot
    ) throws(VaultError) -> any VaultDocument {
        guard let object = snapshot.objects(of: [try locate(reference).get()]).first else {
            throw VaultError(.cancelled, "the object was not asked for when the vaults were looked at")
        }
        guard let document = object.document else {
            throw object.error ?? VaultError(.cancelled, "nobody waited for the vault's answer")
        }
        return document
    }
}
