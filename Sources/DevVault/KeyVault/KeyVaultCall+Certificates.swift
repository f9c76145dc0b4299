import JSON

extension KeyVaultCall {
    func createCertificate(_ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        let body = try body()
        var policy = CertificatePolicy()
        if let stored = try store.read(vault, { $0[.certificates, name]?.policy }), body["policy"] == nil {
            policy = try CertificatePolicy(stored: stored)
        }
        if let asked = body["policy"] { try policy.apply(asked) }
        let (_, operation) = try store.beginCertificate(
            name, policy: policy, attributes: body["attributes"], tags: try tags(body), vault: vault,
            polls: store.pollsUntilSettled)
        var response = DevVaultResponse(202, render.operation(operation, name, isCompleted: false))
        let location =
            "\(render.base)/certificates/\(name)/pending?api-version=\(render.apiVersion)"
            + "&request_id=\(operation.requestID)"
        response.headers = [("Location", location), ("Retry-After", "10")]
        return response
    }

    func operation(_ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        let (operation, isCompleted) = try store.update(vault) { (vault) throws(KeyVaultFault) in
            guard var object = vault[.certificates, name], object.phase == .active,
                let operation = object.operation
            else { throw .pendingNotFound(name) }
            if operation.result == nil { return (operation, operation.issuer == "Self" && !operation.isCancelled) }
            if operation.polls > 0 {
                object.operation?.polls -= 1
                vault[.certificates, name] = object
                return (operation, false)
            }
            try vault.finishCertificate(name)
            return (operation, true)
        }
        var response = DevVaultResponse(200, render.operation(operation, name, isCompleted: isCompleted))
        if !isCompleted { response.headers = [("Retry-After", "10")] }
        return response
    }

    func cancelOperation(_ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        guard try body()["cancellation_requested"]?.bool == true else {
            throw .badParameter("Property cancellation_requested has invalid value.")
        }
        let operation = try store.update(vault) { (vault) throws(KeyVaultFault) in
            guard var object = vault[.certificates, name], var operation = object.operation,
                operation.result != nil || operation.issuer != "Self"
            else { throw .pendingNotFound(name) }
            operation.isCancelled = true
            operation.result = nil
            object.operation = operation
            vault[.certificates, name] = object
            return operation
        }
        return DevVaultResponse(200, render.operation(operation, name, isCompleted: false))
    }

    func deleteOperation(_ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        let operation = try store.update(vault) { (vault) throws(KeyVaultFault) in
            guard var object = vault[.certificates, name], let operation = object.operation else {
                throw .pendingNotFound(name)
            }
            object.operation = nil
            vault[.certificates, name] = object.versions.isEmpty ? nil : object
            return operation
        }
        let isCompleted = operation.result == nil && operation.issuer == "Self" && !operation.isCancelled
        return DevVaultResponse(200, render.operation(operation, name, isCompleted: isCompleted))
    }

    func importCertificate(_ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        let body = try body()
        guard let text = body["value"]?.string else { throw .badParameter("The parameter value is required.") }
        // PEM comes as it is, or in base64 like PKCS#12: clients do both.
        let decoded = text.hasPrefix("-----BEGIN") ? Array(text.utf8) : Base64.decode(text.utf8) ?? []
        let isPEM = decoded.starts(with: "-----BEGIN".utf8)
        let file =
            isPEM
            ? try? KeyStoreFile(pem: String(decoding: decoded, as: UTF8.self))
            : try? KeyStoreFile(pkcs12: decoded, password: body["pwd"]?.string ?? "")
        guard let file else { throw .badCertificate }
        let type =
            body["policy"]?["secret_props"]?["contentType"]?.string
            ?? (isPEM ? CertificatePolicy.pem : CertificatePolicy.pkcs12)
        let version = try store.importCertificate(
            name, file: file, contentType: type, attributes: body["attributes"],
            tags: try tags(body), vault: vault)
        let object = try store.read(vault) { (vault) throws(KeyVaultFault) in try vault.active(.certificates, name) }
        return DevVaultResponse(200, try render.bundle(.certificates, object, version))
    }

    func policy(_ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        let object = try store.read(vault) { (vault) throws(KeyVaultFault) in try vault.active(.certificates, name) }
        return DevVaultResponse(200, render.policy(object.policy ?? JSONObject(), object.name))
    }

    func updatePolicy(_ name: String) throws(KeyVaultFault) -> DevVaultResponse {
        let body = try body()
        let object = try store.update(vault) { (vault) throws(KeyVaultFault) in
            var object = try vault.active(.certificates, name)
            let stored = object.policy ?? JSONObject()
            var policy = CertificatePolicy()
            // The issuer of an imported certificate is one that nothing can be asked of.
            if let name = stored["issuer"]?["name"]?.string { policy.issuer = name }
            try policy.apply(.object(stored))
            try policy.apply(body)
            let now = Timestamp.now()
            object.policy = policy.object(created: stored["attributes"]?["created"]?.int ?? now, updated: now)
            vault[.certificates, name] = object
            return object
        }
        return DevVaultResponse(200, render.policy(object.policy ?? JSONObject(), object.name))
    }
}

extension KeyVaultFault {
    fileprivate static let badCertificate = badParameter(
        "The specified PKCS#12 or PEM X.509 certificate content can not be read. Please check if certificate is in "
            + "valid PKCS#12 or PEM format and that the password is right.")

    fileprivate static func pendingNotFound(_ name: String) -> KeyVaultFault {
        KeyVaultFault(404, "PendingCertificateNotFound", "Pending certificate not found: \(name)")
    }
}
