import JSON

/// Dollar signs that would stand right before a reference once the kubelet has expanded a text: to `latchkey-exec` that
/// is a literal `${`, and the program would get the reference itself.
enum DollarSigns {
    /// What is wrong with the texts of a container whose values `latchkey-exec` puts in. Linear.
    static func problems(of needs: EnvironmentPlanner.Needs) -> [InjectionProblem] {
        let texts =
            needs.added.map { ($0.name, $0.text) }
            + needs.own.compactMap { variable in
                if case .text(let text) = variable.content { (variable.name, text) } else { nil }
            }
        let names = Set(texts.filter { $0.1.wrapped.utf8.starts(with: "${".utf8) }.map { ExactText($0.0) })
        guard !names.isEmpty else { return [] }
        let container = needs.container
        let field = "spec.\(container.list)[\(container.index)]"
        var problems: [InjectionProblem] = []
        func check(_ text: String?, _ key: String) {
            guard let text, let name = name(behindDollar: text, among: names) else { return }
            problems.append(
                InjectionProblem(
                    kind: .unsupported, key: key,
                    message: "a dollar sign stands right before $(\(name)), which begins with a secret: put the dollar "
                        + "sign into the secret, or another character between"))
        }
        for variable in container.environment {
            check(variable["value"]?.string, "\(field).env[\(Shown.text(variable["name"]?.string ?? ""))]")
        }
        for path in [["command"], ["args"]] + WrappedCommand.hooks {
            let words = path.reduce(container.json as JSONValue?) { $0?[$1] }?.array ?? []
            for word in words { check(word.string, "\(field).\(path.joined(separator: "."))") }
        }
        return problems
    }

    /// The first of these names that stands as `$$$(NAME)`, with any odd number of dollar signs above one.
    private static func name(behindDollar text: String, among names: Set<ExactText>) -> String? {
        var rest = text.utf8[...]
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            let dollars = rest[dollar...].prefix { $0 == UInt8(ascii: "$") }
            rest = rest[dollars.endIndex...]
            guard dollars.count > 1, dollars.count % 2 == 1, rest.first == UInt8(ascii: "(") else { continue }
            rest = rest.dropFirst()
            guard let end = rest.firstIndex(of: UInt8(ascii: ")")) else { return nil }
            let name = String(Substring(rest[..<end]))
            if names.contains(ExactText(name)) { return Shown.text(name) }
        }
        return nil
    }
}
