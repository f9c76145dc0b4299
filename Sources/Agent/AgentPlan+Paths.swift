import SecretSpec

extension AgentPlan {
    /// Throws where two files cannot both exist, as far as that is known before a `#*` is fetched.
    func checkPaths() throws(AgentFailure) {
        let single = files.filter { !$0.isDirectory }
        do throws(PathConflict) { _ = try PathConflict.order(single) { $0.path } } catch {
            throw AgentFailure(error, plan: self)
        }
    }

    /// Who asked for a file: annotations, one or, with `#*` or in a conflict, several.
    func sources(of path: RelativePath) -> [String] {
        files.filter { file in
            file.path.components == path.components
                || file.isDirectory && path.components.starts(with: file.path.components)
        }.map(\.source)
    }

    /// The vaults that references name, each once.
    var vaults: [String] {
        var vaults: [String] = []
        for reference in files.flatMap(\.references) {
            let vault = "\(reference.object.scheme)://\(reference.object.authority)"
            if !vaults.contains(vault) { vaults.append(vault) }
        }
        return vaults
    }
}
