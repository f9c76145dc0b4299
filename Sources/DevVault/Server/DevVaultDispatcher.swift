import JSON
import NIOCore

/// What becomes of a request.
enum DevVaultOutcome: Sendable {
    case answer(DevVaultResponse)
    /// The connection ends in the middle of the body.
    case truncated(DevVaultResponse)
    /// The connection ends without an answer.
    case reset
}

/// Chooses the service, plays the faults that were asked for, adds the common headers, takes notes.
struct DevVaultDispatcher: Sendable {
    let vault: KeyVaultService
    let entra: EntraService
    let control: ControlService
    let faults: DevVaultFaults

    func answer(_ request: DevVaultRequest) async -> DevVaultOutcome {
        if request.path.first == ControlService.prefix { return .answer(control.answer(request)) }
        let isVault = KeyVaultService.isResponsible(for: request.path)
        let service = isVault ? DevVaultFaults.Service.vault : .entra
        let (verdict, latency) = faults.verdict(service, second: Timestamp.now())
        if latency > 0 { try? await Task.sleep(for: .milliseconds(latency)) }
        let outcome: DevVaultOutcome
        switch verdict {
        case .answer:
            let response = isVault ? vault.answer(request) : await entra.answer(request)
            outcome = .answer(complete(response, request, isVault: isVault))
        case .throttle(let seconds):
            outcome = .answer(complete(throttled(request, isVault, seconds), request, isVault: isVault))
        case .outage(.reset, _): outcome = .reset
        case .outage(.truncated, _):
            let response = isVault ? vault.answer(request) : await entra.answer(request)
            outcome = .truncated(complete(response, request, isVault: isVault))
        case .outage(let kind, let seconds):
            outcome = .answer(complete(broken(kind, isVault, seconds), request, isVault: isVault))
        }
        note(request, outcome)
        return outcome
    }

    private func throttled(_ request: DevVaultRequest, _ isVault: Bool, _ seconds: Int?) -> DevVaultResponse {
        let fault = KeyVaultFault(
            429, "Throttled",
            "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached")
        var response = isVault ? DevVaultResponse(fault) : EntraService.refusal(.throttled, request)
        if let seconds { response.headers.append(("Retry-After", String(seconds))) }
        return response
    }

    private func broken(_ kind: DevVaultFaults.Outage, _ isVault: Bool, _ seconds: Int?) -> DevVaultResponse {
        let status = kind == .failure ? 500 : 503
        var response =
            isVault
            ? DevVaultResponse(
                KeyVaultFault(
                    status, status == 500 ? "InternalServerError" : "ServiceUnavailable",
                    "The service is currently unavailable."))
            : DevVaultResponse(
                status, ["error": "temporarily_unavailable", "error_description": "AADSTS90033: A transient error."])
        if let seconds, status == 503 { response.headers.append(("Retry-After", String(seconds))) }
        return response
    }

    private func complete(_ response: DevVaultResponse, _ request: DevVaultRequest, isVault: Bool) -> DevVaultResponse {
        var response = response
        let requestID = SecureRandom.uuid()
        response.headers += [
            ("Cache-Control", isVault ? "no-cache" : "no-store, no-cache"), ("Pragma", "no-cache"), ("Expires", "-1"),
            ("Strict-Transport-Security", "max-age=31536000;includeSubDomains"),
            ("X-Content-Type-Options", "nosniff"), ("Date", Timestamp.http(Timestamp.now())),
            ("x-ms-request-id", requestID),
        ]
        if let id = request.header("x-ms-client-request-id"), id.utf8.count <= 128,
            id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        {
            response.headers.append(("x-ms-client-request-id", id))
        }
        if isVault {
            response.headers += [
                ("x-ms-keyvault-region", "localhost"), ("x-ms-keyvault-service-version", "1.9.0.0"),
                (
                    "x-ms-keyvault-network-info",
                    "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;"
                ),
            ]
        }
        return response
    }

    private func note(_ request: DevVaultRequest, _ outcome: DevVaultOutcome) {
        let status =
            switch outcome {
            case .answer(let response), .truncated(let response): response.status
            case .reset: 0
            }
        faults.record(
            DevVaultRequestRecord(
                method: request.method, host: request.host, path: request.pathText, status: status))
    }
}
