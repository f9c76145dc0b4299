import JSON

extension AdmissionReview {
    /// The AdmissionReview that answers this one. It is built from the request, so that the uid cannot be another's.
    public func answer(_ decision: InjectionDecision) -> [UInt8] {
        switch decision {
        case .skip: return response(allowed: true)
        case .deny(let problems):
            return denial(message: InjectionProblem.summary(problems), code: 400)
        case .inject(let plan):
            let warnings = plan.warnings.map { JSONValue.string(AdmissionReview.warning($0)) }
            var rest: [UInt8] = []
            if !warnings.isEmpty {
                rest.append(contentsOf: ",\"warnings\":".utf8)
                JSONValue.array(warnings).write(to: &rest)
            }
            return response(allowed: true, patch: plan.patch.isEmpty ? nil : plan.patch.serialized(), rest)
        }
    }

    /// A refusal with an HTTP status code for the API client, e.g. 400 for the pod's fault, 500 for ours.
    public func denial(message: String, code: Int) -> [UInt8] {
        let reason =
            switch code {
            case 400: "BadRequest"
            case 503: "ServiceUnavailable"
            default: "InternalError"
            }
        let status: JSONValue = [
            "status": "Failure", "message": .string(message), "reason": .string(reason),
            "code": .number(JSONNumber(code)),
        ]
        var rest = Array(",\"status\":".utf8)
        status.write(to: &rest)
        return response(allowed: false, rest)
    }

    /// Written without a tree of values: most of it is the patch, and that is text of a known alphabet.
    ///
    /// - Parameter rest: more members of the response, each behind its comma.
    private func response(allowed: Bool, patch: [UInt8]? = nil, _ rest: [UInt8] = []) -> [UInt8] {
        var output = Array(
            "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"response\":{\"uid\":".utf8)
        output.reserveCapacity(300 + (patch.map { Base64.count(of: $0) } ?? 0) + rest.count)
        JSONValue.string(uid).write(to: &output)
        output.append(contentsOf: (allowed ? ",\"allowed\":true" : ",\"allowed\":false").utf8)
        if let patch {
            // Both or neither: a patch without its type is refused by the apiserver.
            output.append(contentsOf: ",\"patchType\":\"JSONPatch\",\"patch\":\"".utf8)
            output.append(contentsOf: Base64.encode(patch))
            output.append(UInt8(ascii: "\""))
        }
        output.append(contentsOf: rest)
        output.append(contentsOf: "}}".utf8)
        return output
    }

    /// The apiserver drops warnings with control characters and cuts long lists.
    private static func warning(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
    }
}
