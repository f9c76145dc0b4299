import CLinux

extension AgentMain {
    /// The process's environment. Where a name occurs twice the first one counts, as for getenv(3).
    public static var processEnvironment: [String: String] {
        var environment: [String: String] = [:]
        var next = lk_environment()
        while let variables = next, let variable = variables.pointee {
            let text = String(cString: variable)
            if let mark = text.utf8.firstIndex(of: UInt8(ascii: "=")) {
                let name = String(text[..<mark])
                if environment[name] == nil { environment[name] = String(text[text.utf8.index(after: mark)...]) }
            }
            next = variables + 1
        }
        return environment
    }
}
