/// What the kubelet does between a pod's environment and a container's: the part that Latchkey leaves to it.
/// Source: kubernetes 1.36, `pkg/kubelet/kubelet_pods.go`, `third_party/forked/golang/expansion`, `pkg/kubelet/util/env`.
enum Kubelet {
    /// `$(NAME)` is the variable's value, or stays as it is; `$$` is `$`.
    static func expand(_ text: String, _ variables: [String: String]) -> String {
        var result = ""
        var rest = Substring(text)
        while let character = rest.popFirst() {
            guard character == "$", let next = rest.first else {
                result.append(character)
                continue
            }
            if next == "$" {
                rest = rest.dropFirst()
                result.append("$")
            } else if next == "(", let end = rest.firstIndex(of: ")") {
                let name = String(rest[rest.index(after: rest.startIndex)..<end])
                result += variables[name] ?? "$(\(name))"
                rest = rest[end...].dropFirst()
            } else {
                result.append(character)
            }
        }
        return result
    }

    /// A container's environment: sources first, later ones win; then `env` in its order.
    static func environment(from sources: [[String: String]] = [], env: [(String, String)] = []) -> [String: String] {
        var result = sources.reduce(into: [:]) { $0.merge($1) { $1 } }
        for (name, value) in env { result[name] = expand(value, result) }
        return result
    }

    struct Unreadable: Error {}

    /// The value of a key in a file of `fileKeyRef`; an empty one counts as missing.
    static func value(of key: String, in file: String) throws -> String? {
        var lines = file.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            // `bufio.ScanLines`
            line.unicodeScalars.last == "\r" ? String(line.unicodeScalars.dropLast()) : String(line)
        }[...]
        while let line = lines.popFirst() {
            let text = line.drop { $0 == " " || $0 == "\t" }
            if text.isEmpty || text.hasPrefix("#") { continue }
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex,
                text[text.index(before: equals)] != " "
            else { throw Unreadable() }
            var value = text[equals...].dropFirst()
            guard value.utf8.first == UInt8(ascii: "'") else { throw Unreadable() }
            value = Substring(value.utf8.dropFirst())
            var whole = ""
            while !value.utf8.contains(UInt8(ascii: "'")) {
                guard let more = lines.popFirst() else { throw Unreadable() }
                whole += value + "\n"
                value = Substring(more)
            }
            let parts = value.utf8.split(
                separator: UInt8(ascii: "'"), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[1].isEmpty else { throw Unreadable() }
            if text[..<equals] == key {
                whole += String(Substring(parts[0]))
                return whole.isEmpty ? nil : whole
            }
        }
        return nil
    }
}
