import JSON
import SecretSpec
import VaultClient

/// Makes one container's file of a look.
struct EnvironmentWriter {
    private let client: VaultClient
    private let snapshot: SecretSnapshot
    private var problems = EnvironmentProblems()
    private var fingerprints: [PreparedEnvironment.Slot: Int] = [:]

    private init(_ client: VaultClient, _ snapshot: SecretSnapshot) {
        self.client = client
        self.snapshot = snapshot
    }

    /// The files of all containers, or everything that is wrong.
    /// - Parameter isExcluded: a container that needs an object which failed with such an error gets no file, rather
    ///   than failing.
    static func prepare(
        _ needs: EnvironmentNeeds, _ client: VaultClient, _ snapshot: SecretSnapshot,
        excluding isExcluded: (VaultError) -> Bool = { _ in false }
    ) -> Result<[PreparedEnvironment], EnvironmentProblems> {
        var prepared: [PreparedEnvironment] = []
        var problems = EnvironmentProblems()
        for container in needs.containers where container.environment.delivery != .none {
            var writer = EnvironmentWriter(client, snapshot)
            let bytes = container.environment.delivery == .exec ? writer.exec(container) : writer.kubelet(container)
            let isRemoved =
                !writer.problems.failures.isEmpty && writer.problems.failures.allSatisfy { isExcluded($0.error) }
            if isRemoved || writer.problems.isEmpty {
                prepared.append(
                    PreparedEnvironment(
                        environment: container.environment, bytes: isRemoved ? nil : bytes,
                        fingerprints: writer.fingerprints))
            } else {
                problems.add(writer.problems)
            }
        }
        return problems.isEmpty ? .success(prepared) : .failure(problems)
    }

    private mutating func exec(_ container: EnvironmentNeeds.Container) -> SecretBytes {
        var file = EnvironmentFile()
        var known: Set<ExactText> = []
        for item in container.items {
            guard let value = value(of: item), known.insert(ExactText(item.key)).inserted else { continue }
            value.withUnsafeBytes { bytes in
                do throws(EnvironmentFileError) { try file.replace(item.key.utf8, by: bytes) } catch {
                    problems.add("\(item.place): \(error)")
                }
            }
        }
        for variable in variables(of: container.environment) {
            variable.bytes.withUnsafeBytes { bytes in
                do throws(EnvironmentFileError) { try file.append(name: variable.name.utf8, value: bytes) } catch {
                    problems.add("\(variable.source): \(Self.unnamed(error, variable.number))")
                }
            }
        }
        return file.withUnsafeBytes { SecretBytes(copying: $0) }
    }

    private mutating func kubelet(_ container: EnvironmentNeeds.Container) -> SecretBytes {
        var file = KubeletEnvironmentFile()
        for item in container.items {
            guard let value = value(of: item) else { continue }
            value.withUnsafeBytes { bytes in
                do throws(KubeletEnvironmentFileError) { try file.append(name: item.key, value: bytes) } catch {
                    problems.add("\(item.place): \(error)")
                }
            }
        }
        return file.withUnsafeBytes { SecretBytes(copying: $0) }
    }

    private mutating func value(of item: EnvironmentNeeds.Item) -> SecretBytes? {
        do throws(ResolveFailures) {
            let value = try client.value(of: item.template, from: item.place, in: snapshot)
            remember(value, for: item.source, item.key)
            return value
        } catch {
            problems.add(error.all)
            return nil
        }
    }

    private struct Variable {
        let source: String
        /// Which key of the secret it is, from 1 on. Names are the vault's and not shown.
        let number: Int
        let name: String
        let bytes: SecretBytes
    }

    /// The keys of all sets: the last one of a name counts, none that the container has itself.
    private mutating func variables(of environment: AgentPlan.Environment) -> [Variable] {
        var variables: [Variable] = []
        var indices: [ExactText: Int] = [:]
        let ownNames = Set(environment.ownNames.map(ExactText.init))
        for set in environment.keySets {
            do throws(ResolveFailures) {
                let members = try client.members(of: set.reference, from: set.source, in: snapshot)
                for (index, member) in members.enumerated() where !ownNames.contains(ExactText(member.name)) {
                    remember(member.bytes, for: set.source, member.name)
                    let variable = Variable(
                        source: set.source, number: index + 1, name: member.name, bytes: member.bytes)
                    if let earlier = indices.updateValue(variables.count, forKey: ExactText(member.name)) {
                        variables[earlier] = variable
                        indices[ExactText(member.name)] = earlier
                    } else {
                        variables.append(variable)
                    }
                }
            } catch {
                problems.add(error.all)
            }
        }
        return variables
    }

    private mutating func remember(_ value: SecretBytes, for source: String, _ key: String) {
        var hasher = Hasher()
        value.withUnsafeBytes { hasher.combine(bytes: $0) }
        fingerprints[PreparedEnvironment.Slot(source: source, key: ExactText(key))] = hasher.finalize()
    }

    private static func unnamed(_ error: EnvironmentFileError, _ number: Int) -> EnvironmentFileError {
        let name = "key \(number) of the secret"
        return switch error {
        case .unusableName: .unusableName(name)
        case .duplicateName: .duplicateName(name)
        case .valueHoldsNUL: .valueHoldsNUL(name: name)
        case .valueTooLong: .valueTooLong(name: name)
        case .unusableText, .duplicateText, .tooLarge: error
        }
    }
}
