import JSON
import SecretSpec

extension PodRequest {
    /// Why there is no request.
    enum Refusal: Error {
        case skip(SkipReason)
        case deny([InjectionProblem])
    }

    /// Reads a pod's annotations, its `inject` label and its environment's values.
    static func read(_ pod: PodView) -> Result<PodRequest, Refusal> {
        if pod.isMirror { return .failure(.skip(.mirrorPod)) }
        var reader = AnnotationReader()
        reader.read(pod)
        if reader.optedOut { return .failure(.skip(.optedOut)) }
        guard reader.isSelected else { return .failure(.skip(.notSelected)) }
        let request = reader.request()
        return reader.problems.isEmpty ? .success(request) : .failure(.deny(reader.problems))
    }
}

/// Collects what the annotations say, and everything that is wrong with them.
struct AnnotationReader {
    var problems: [InjectionProblem] = []
    var isSelected = false
    private(set) var optedOut = false
    /// Nil stands for one that cannot be read, so that what belongs to it is not reported as well.
    private(set) var references: [(name: String, reference: SecretReference?)] = []
    private(set) var templates: [(name: String, text: String?)] = []
    private(set) var paths: [(name: String, path: RelativePath)] = []
    private(set) var modes: [(name: String, mode: UInt32)] = []
    private(set) var onChanges: [(name: String, choice: OnChange)] = []
    /// `env.<NAME>`, by name.
    private(set) var variables: [(name: String, text: String)] = []
    var partial = PodRequest()

    mutating func read(_ pod: PodView) {
        // By key, so that the order in which somebody wrote them decides nothing.
        for member in Self.own(pod.annotations) {
            isSelected = true
            read(member.name, member.value)
        }
        for member in Self.own(pod.labels) {
            isSelected = true
            readLabel(member.name, member.value)
        }
        for container in pod.allContainers { readEnvironment(container) }
        if isSelected { readSources(pod) }
    }

    /// Our members by name; of those with one name the last.
    private static func own(_ map: JSONObject) -> [JSONObject.Member] {
        let members = map.members
        let places = members.indices.filter { members[$0].name.hasPrefix(bytes: AnnotationTable.prefix) }
            .sorted { (members[$0].name, $0) < (members[$1].name, $1) }
        var own: [JSONObject.Member] = []
        own.reserveCapacity(places.count)
        for place in places {
            if let last = own.last, last.name == members[place].name {
                own[own.count - 1].value = members[place].value
            } else {
                own.append(members[place])
            }
        }
        return own
    }

    private mutating func read(_ key: String, _ value: JSONValue) {
        guard let text = value.string else {
            problem(.badAnnotation, key, "the value is \(value.kindName), not a string")
            noteUnreadable(key)
            return
        }
        do throws(InjectionProblem) {
            try read(key, text)
        } catch {
            problems.append(error)
        }
    }

    private mutating func read(_ key: String, _ text: String) throws(InjectionProblem) {
        let short = AnnotationKey(key.utf8.dropFirst(AnnotationTable.prefix.utf8.count))
        typealias Table = AnnotationTable
        if Table.inject.name(in: short) != nil {
            if try Table.inject.value(of: text, key: key) { partial.isExplicit = true } else { optedOut = true }
        } else if let name = Table.secret.name(in: short) {
            do throws(InjectionProblem) {
                references.append((name, try Table.secret.value(of: text, key: key)))
            } catch {
                references.append((name, nil))
                throw error
            }
        } else if let name = Table.template.name(in: short) {
            do throws(InjectionProblem) {
                templates.append((name, try Table.template.value(of: text, key: key)))
            } catch {
                templates.append((name, nil))
                throw error
            }
        } else if let name = Table.path.name(in: short) {
            paths.append((name, try Table.path.value(of: text, key: key)))
        } else if let name = Table.mode.name(in: short) {
            modes.append((name, try Table.mode.value(of: text, key: key)))
        } else if Table.mountPath.name(in: short) != nil {
            partial.mountPath = try Table.mountPath.value(of: text, key: key)
        } else if Table.containers.name(in: short) != nil {
            partial.containers = try Table.containers.value(of: text, key: key)
        } else if let name = Table.environment.name(in: short) {
            variables.append((name, try Table.environment.value(of: text, key: key)))
        } else if Table.environmentFrom.name(in: short) != nil {
            let reference = try Table.environmentFrom.value(of: text, key: key)
            partial.keySets.append(.init(key: key, reference: reference))
        } else if Table.environmentDelivery.name(in: short) != nil {
            partial.delivery = try Table.environmentDelivery.value(of: text, key: key)
        } else if Table.refresh.name(in: short) != nil {
            partial.refresh = try Table.refresh.value(of: text, key: key)
        } else if Table.onRevoked.name(in: short) != nil {
            partial.onRevoked = try Table.onRevoked.value(of: text, key: key)
        } else if let name = Table.onChange.name(in: short) {
            let choice = try Table.onChange.value(of: text, key: key)
            if name.isEmpty { partial.onChange = choice } else { onChanges.append((name, choice)) }
        } else if let vault = Table.azureClientID.name(in: short) {
            let id = try Table.azureClientID.value(of: text, key: key)
            setIdentity(vault) { $0.clientID = id }
        } else if let vault = Table.azureTenantID.name(in: short) {
            let id = try Table.azureTenantID.value(of: text, key: key)
            setIdentity(vault) { $0.tenantID = id }
        } else if Table.runAsUser.name(in: short) != nil {
            partial.runAsUser = try Table.runAsUser.value(of: text, key: key)
        } else {
            let known = Table.all.map(\.documentedKey).joined(separator: ", ")
            throw InjectionProblem(
                kind: .unknownAnnotation, key: Shown.text(key),
                message: "there is no such annotation; known behind \(Table.prefix): \(known)")
        }
    }

    private mutating func setIdentity(_ vault: String, _ change: (inout PodRequest.AzureIdentity) -> Void) {
        if vault.isEmpty {
            change(&partial.azure)
        } else {
            change(&partial.azureByVault[vault.lowercased(), default: .init()])
        }
    }

    private mutating func readLabel(_ key: String, _ value: JSONValue) {
        let short = AnnotationKey(key.utf8.dropFirst(AnnotationTable.prefix.utf8.count))
        guard AnnotationTable.inject.name(in: short) != nil else {
            problem(
                .unknownAnnotation, "label \(Shown.text(key))",
                "there is no such label; the only one is \(AnnotationTable.prefix)inject")
            return
        }
        do throws(InjectionProblem) {
            let isIn = try AnnotationTable.inject.value(of: value.string ?? "", key: "label \(key)")
            if isIn { partial.isExplicit = true } else { optedOut = true }
        } catch {
            problems.append(error)
        }
    }

    /// Remembers the name in the key of a file's annotation whose value is of another kind.
    private mutating func noteUnreadable(_ key: String) {
        let short = AnnotationKey(key.utf8.dropFirst(AnnotationTable.prefix.utf8.count))
        if let name = AnnotationTable.secret.name(in: short) { references.append((name, nil)) }
        if let name = AnnotationTable.template.name(in: short) { templates.append((name, nil)) }
    }

    mutating func problem(_ kind: InjectionProblem.Kind, _ key: String, _ message: String) {
        problems.append(InjectionProblem(kind: kind, key: key, message: message))
    }
}

extension PodRequest {
    /// Whether a variable's value must be looked at: quick, and true of every text that holds a reference.
    static func mayHoldReference(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        SecretReference.isReferenceLike(text) || text.contains(UInt8(ascii: "$"))
    }
}

extension String {
    /// Like `utf8.starts(with:)`, over memory; `hasPrefix` would compare characters.
    func hasPrefix(bytes prefix: String) -> Bool {
        (utf8.withContiguousStorageIfAvailable { text in
            prefix.utf8.withContiguousStorageIfAvailable { text.starts(with: $0) }
        } ?? nil) ?? utf8.starts(with: prefix.utf8)
    }
}
