import JSON

extension JSONPatch {
    /// The same operations on a value that lies at `root` of a larger document.
    func below(_ root: JSONPointer) -> JSONPatch {
        func moved(_ path: JSONPointer) -> JSONPointer { JSONPointer(root.tokens + path.tokens) }
        return JSONPatch(
            operations.map { operation in
                switch operation {
                case .add(let path, let value): .add(path: moved(path), value: value)
                case .remove(let path): .remove(path: moved(path))
                case .replace(let path, let value): .replace(path: moved(path), value: value)
                case .move(let from, let path): .move(from: moved(from), path: moved(path))
                case .copy(let from, let path): .copy(from: moved(from), path: moved(path))
                case .test(let path, let value): .test(path: moved(path), value: value)
                }
            })
    }
}
