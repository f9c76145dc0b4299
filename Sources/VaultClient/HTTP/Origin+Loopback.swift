extension Origin {
    private static let loopbackHosts = ["127.0.0.1", "localhost", "[::1]"]

    /// The origin of a URL of printable ASCII `http://<loopback host>:<port>[/...]` without user information or fragment.
    init(loopbackURL url: String) throws(OriginProblem) {
        let prefix = "http://"
        guard url.utf8.allSatisfy({ 0x21...0x7E ~= $0 && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "#") }),
            url.utf8.starts(with: prefix.utf8)
        else { throw .notLoopback }
        let authority = url.dropFirst(prefix.count).prefix { $0 != "/" && $0 != "?" }
        // With the port's colon: no port would mean one that is not shown.
        guard Self.loopbackHosts.contains(where: { authority.utf8.starts(with: "\($0):".utf8) }) else {
            throw .notLoopback
        }
        try self.init(authority: authority)
    }
}
