extension AgentPlan.LoopbackRequest {
    /// What is accepted, for messages.
    public static let accepted = "[METHOD ]http://127.0.0.1:PORT/path[ STATUS] (POST and any 2xx unless said otherwise)"

    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    private static let hosts = ["127.0.0.1", "localhost", "[::1]"]

    /// Nil where the text is no such request: nothing but the pod's own loopback is ever asked.
    public init?(parsing text: String) {
        var words = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard 1...3 ~= words.count, text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) else { return nil }
        method = words.first.flatMap { Self.methods.contains($0) ? $0 : nil } ?? "POST"
        if words.count > 1, words.first == method { words.removeFirst() }
        if words.count == 2 {
            let word = words.removeLast()
            guard word.utf8.count == 3, let status = Int(word), 100...599 ~= status else { return nil }
            self.status = status
        } else {
            status = nil
        }
        guard words.count == 1, let url = words.first, Self.isLoopback(url) else { return nil }
        self.url = url
    }

    /// `http://<loopback>:<port>[/...]`, without a user, a fragment or anything that could be read as another host.
    private static func isLoopback(_ url: String) -> Bool {
        guard let host = hosts.first(where: { url.utf8.starts(with: "http://\($0):".utf8) }) else { return false }
        let rest = url.utf8.dropFirst("http://\(host):".utf8.count)
        let port = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        let path = rest.dropFirst(port.count)
        guard let number = UInt16(String(Substring(port))), number > 0 else { return false }
        return (path.isEmpty || path.first == UInt8(ascii: "/"))
            && !path.contains { "\"<>\\^`{}|#".utf8.contains($0) }
    }
}
