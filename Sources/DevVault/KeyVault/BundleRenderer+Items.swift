import JSON

extension BundleRenderer {
    /// An entry of a list: no value, and without a version unless the list is one of versions.
    func item(
        _ kind: ObjectKind, _ object: StoredObject, _ version: StoredVersion, showsVersion: Bool,
        isDeleted: Bool = false
    ) -> JSONValue {
        var result = JSONObject(isDeleted ? deletion(object, kind) : [])
        let id = self.id(kind, object.name, showsVersion ? version.id : nil)
        switch version.content {
        case .secret(_, let type):
            if let type { result.append("contentType", .string(type)) }
            result.append("id", id)
            if version.isManaged { result.append("managed", true) }
            result.append("attributes", attributes(version.attributes))
            if let tags = version.tags { result.append("tags", .object(tags)) }
        case .key:
            result.append("kid", id)
            if version.isManaged { result.append("managed", true) }
            result.append("attributes", attributes(version.attributes))
            if let tags = version.tags { result.append("tags", .object(tags)) }
        case .certificate(let chain):
            result.append("id", id)
            let digest = DigestAlgorithm.sha1.digest(chain.first ?? [])
            result.append("x5t", .string(Base64.encodeURL(digest)))
            result.append("attributes", attributes(version.attributes, withRecovery: isDeleted))
            if let tags = version.tags { result.append("tags", .object(tags)) }
            // The service leaves it empty in lists (seen in recordings).
            if !isDeleted { result.append("subject", "") }
        }
        return .object(result)
    }

    /// A certificate operation as `/pending` shows it.
    func operation(_ operation: CertificateOperation, _ name: String, isCompleted: Bool) -> JSONValue {
        var result = JSONObject()
        result.append("id", .string("\(base)/certificates/\(name)/pending"))
        result.append("issuer", ["name": .string(operation.issuer)])
        result.append("csr", .string(Base64.encode(operation.csr)))
        result.append("cancellation_requested", .bool(operation.isCancelled))
        if operation.isCancelled {
            result.append("status", "cancelled")
        } else if isCompleted {
            result.append("status", "completed")
            result.append("target", .string("\(base)/certificates/\(name)"))
        } else {
            result.append("status", "inProgress")
            result.append(
                "status_details",
                "Pending certificate created. Certificate request is in progress. This may take some time based on the "
                    + "issuer provider. Please check again later.")
        }
        result.append("request_id", .string(operation.requestID))
        return .object(result)
    }
}

extension JSONObject {
    fileprivate mutating func append(_ name: String, _ text: String) { append(name, .string(text)) }
}
