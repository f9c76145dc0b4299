import JSON

extension AdmissionReview {
    /// The AdmissionReview that answers this one. It is built from the request, so that the uid cannot be another's.
    public func answer(_ decision: InjectionDecision) -> [UInt8] {
        switch decision {
        case .skip: return response(allowed: true)
        case .deny(let problems):
            return denial(message: InjectionProblem.summary(problems), code: 400)
        case .inject(let plan):
            var members: [JSONObject.Member] = []
            if !plan.patch.isEmpty {
                // Both or neither: a patch without its type is refused by the apiserver.
                members.append(.init(name: "patchType", value: "JSONPatch"))
                members.append(.init(name: "patch", value: .string(Base64.encode(plan.patch.document.serialized()))))
            }
            let warnings = plan.warnings.map(AdmissionReview.warning)
            if !warnings.isEmpty {
                members.append(.init(name: "warnings", value: .array(warnings.map { .string($0) })))
            }
            return response(allowed: true, members)
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
        return response(allowed: false, [.init(name: "status", value: status)])
    }

    private func response(allowed: Bool, _ members: [JSONObject.Member] = []) -> [UInt8] {
        let first = [
            JSONObject.Member(name: "uid", value: .string(uid)),
            JSONObject.Member(name: "allowed", value: .bool(allowed)),
        ]
        let review: JSONValue = [
            "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
            "response": .object(JSONObject(first + members)),
        ]
        return review.serialized()
    }

    /// The apiserver drops warnings with control characters and cuts long lists.
    private static func warning(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
    }
}

/// RFC 4648, section 4.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        let count = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: count) { output in
            var position = 0
            func put(_ byte: UInt8) {
                output[position] = byte
                position += 1
            }
            var index = 0
            while index < bytes.count {
                let first = bytes[index]
                let second = index + 1 < bytes.count ? bytes[index + 1] : 0
                let third = index + 2 < bytes.count ? bytes[index + 2] : 0
                put(alphabet[Int(first >> 2)])
                put(alphabet[Int((first & 0x03) << 4 | second >> 4)])
                put(index + 1 < bytes.count ? alphabet[Int((second & 0x0F) << 2 | third >> 6)] : UInt8(ascii: "="))
                put(index + 2 < bytes.count ? alphabet[Int(third & 0x3F)] : UInt8(ascii: "="))
                index += 3
            }
            return position
        }
    }
}
