import JSON
import SecretSpec

extension FuzzTarget {
    static let reference = FuzzTarget(name: "reference") { bytes in
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        do {
            let reference = try SecretReference(parsing: text)
            require(SecretReference.isReferenceLike(text), "a reference is reference-like")
            let again = must("a reference is read back") { try SecretReference(parsing: reference.text) }
            require(again == reference && again.hashValue == reference.hashValue, "a reference equals itself")
            let object = must("a reference has its backend's parts") { try AzureKeyVaultObject(reference) }
            require(object.vault.utf8.allSatisfy { 0x2D...0x7A ~= $0 }, "a vault is ASCII")
            require(reference.object.path.allSatisfy { !$0.isEmpty }, "no part of a path is empty")
            require(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }, "no control characters")
        } catch {
            require(!"\(error)".isEmpty, "a problem has a sentence")
        }
    }

    static let path = FuzzTarget(name: "path") { bytes in
        guard let text = String(validating: bytes, as: UTF8.self), let path = RelativePath(text) else { return }
        require(Array(path.text.utf8) == bytes, "a path is written as it was read")
        for part in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            require(1...255 ~= part.count, "a component is 1 to 255 bytes")
            require(Array(part) != [UInt8(ascii: ".")] && !part.starts(with: "..".utf8), "a component does not climb")
            require(part.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }, "a component is plain")
        }
    }

    static let plan = FuzzTarget(name: "plan") { bytes in
        guard let json = try? JSONValue(parsing: bytes) else { return }
        do {
            let plan = try AgentPlan(json: json)
            let again = must("a plan is read back") { try AgentPlan(json: JSONValue(parsing: plan.json.serialized())) }
            require(again == plan, "a plan is read back as it was")
            require(plan.files.allSatisfy { $0.mode <= 0o777 }, "a mode has permission bits alone")
        } catch {
            require(!"\(error)".isEmpty, "a problem has a sentence")
        }
    }
}
