/// The grammar of names that may become part of a URL (RFC 1123 as Kubernetes reads it).
///
/// A review can be forged, and its namespace and names are whatever its sender likes.
enum KubernetesName {
    /// A DNS label: namespaces.
    static func isLabel(_ text: String) -> Bool {
        guard 1...63 ~= text.utf8.count, let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    /// A DNS subdomain: names of ServiceAccounts.
    static func isSubdomain(_ text: String) -> Bool {
        guard 1...253 ~= text.utf8.count else { return false }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            guard let first = label.first, let last = label.last else { return false }
            return isAlphanumeric(first) && isAlphanumeric(last)
                && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
}
