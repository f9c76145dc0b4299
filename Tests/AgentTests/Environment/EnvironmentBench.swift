import Foundation
import Glibc
import JSON
import SecretSpec
import Testing

@testable import Agent

/// A pod whose containers have secrets in their environment: the agent's side, and the containers'.
struct EnvironmentBench {
    /// What `make exec` leaves.
    static let wrapper = Program(
        path: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path + "/.build/bin/latchkey-exec")
    static let hasWrapper = access(wrapper.path, X_OK) == 0

    let bench: AgentBench
    let vault: RotatingVault
    /// The volume of the environments.
    let volume: TemporaryFolder
    let sources: TemporaryFolder

    init(_ values: [String: String]) throws {
        bench = try AgentBench()
        volume = try TemporaryFolder()
        sources = try TemporaryFolder()
        vault = try RotatingVault(values)
    }

    func plan(
        _ containers: [AgentPlan.Environment], files: [String] = [], refresh: AgentPlan.Refresh? = nil,
        deadline: Int = 20
    ) throws -> AgentPlan {
        try bench.plan(
            files: files.map { name in
                AgentPlan.File(
                    source: "latchkey.dev/secret.\(name)", path: try #require(RelativePath(name)), mode: 0o440,
                    reference: try SecretReference(parsing: "akv://shop/\(name)"))
            }, vault: vault.server, deadline: deadline,
            environments: AgentPlan.Environments(directory: volume.path, containers: containers), refresh: refresh)
    }

    func environment(_ plan: AgentPlan) -> [String: String] {
        bench.environment(plan).merging(["LATCHKEY_EXEC": Self.wrapper.path]) { $1 }
    }

    func initialize(_ plan: AgentPlan) throws -> Program.Outcome {
        try Program.agent.run(["init"], environment: environment(plan))
    }

    func refresh(_ plan: AgentPlan) throws -> Program.Running {
        try Program.agent.start(["refresh"], environment: environment(plan))
    }

    /// The container's process: the program that was asked for, through the wrapper.
    func run(
        _ container: String, _ command: [String], environment: [String: String] = [:]
    ) throws -> Program.Outcome {
        try Program(path: "\(volume.path)/.bin/latchkey-exec").run(
            ["run", "\(volume.path)/\(container)/environment", "--"] + command, environment: environment)
    }

    /// What the container's program sees as its environment.
    func seen(_ environment: [String: String], in container: String = "app") throws -> [String: String] {
        let outcome = try run(container, ["/usr/bin/env", "-0"], environment: environment)
        try #require(outcome.status == 0, "\(outcome)")
        return Self.parse(outcome)
    }

    /// What `env -0` or the like printed.
    static func parse(_ outcome: Program.Outcome) -> [String: String] {
        var seen: [String: String] = [:]
        for entry in outcome.output.split(separator: "\0") {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            seen[String(parts[0])] = parts.count == 2 ? String(parts[1]) : nil
        }
        return seen
    }

    /// What the container's program sees as its arguments.
    func words(_ words: [String], _ environment: [String: String] = [:]) throws -> [String] {
        let outcome = try run("app", ["/usr/bin/printf", "%s\\0"] + words, environment: environment)
        #expect(outcome.status == 0, "\(outcome)")
        return outcome.output.split(separator: "\0", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    /// A ConfigMap or Secret as the kubelet lays it out; again for an edit.
    func write(_ name: String, _ values: [String: String]) throws {
        let manager = FileManager.default
        let folder = "\(sources.path)/\(name)"
        let state = "..\(UUID().uuidString)"
        try manager.createDirectory(atPath: "\(folder)/\(state)", withIntermediateDirectories: true)
        for (key, value) in values {
            try Data(value.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(state)/\(key)"))
            try? manager.createSymbolicLink(atPath: "\(folder)/\(key)", withDestinationPath: "..data/\(key)")
        }
        let old = try? manager.destinationOfSymbolicLink(atPath: "\(folder)/..data")
        try manager.createSymbolicLink(atPath: "\(folder)/..data_tmp", withDestinationPath: state)
        #expect(rename("\(folder)/..data_tmp", "\(folder)/..data") == 0)
        if let old { try manager.removeItem(atPath: "\(folder)/\(old)") }
    }

    func source(_ name: String, keys: [String]? = nil) -> AgentPlan.Environment.Source {
        AgentPlan.Environment.Source(name: "ConfigMap \(name)", directory: "\(sources.path)/\(name)", keys: keys)
    }

    /// A container of the exec delivery.
    static func container(
        _ placeholders: [String] = [], name: String = "app", keySets: [String] = [], ownNames: [String] = [],
        sources: [AgentPlan.Environment.Source] = []
    ) throws -> AgentPlan.Environment {
        AgentPlan.Environment(
            container: name, delivery: .exec, mode: 0o444,
            placeholders: placeholders.map { .init(source: "\(name): \($0)", text: $0) },
            keySets: try keySets.enumerated().map { index, text in
                .init(source: "latchkey.dev/env-from.\(index)", reference: try SecretReference(parsing: text))
            }, ownNames: ownNames, sources: sources)
    }

    /// A container of the kubelet delivery: names and environment values.
    static func kubelet(
        _ variables: [(String, String)], sources: [AgentPlan.Environment.Source] = []
    ) throws -> AgentPlan.Environment {
        AgentPlan.Environment(
            container: "app", delivery: .kubelet, mode: 0o400,
            variables: try variables.map { name, value in
                .init(
                    source: "env[\(name)]", name: name, value: try Template.parse(value, as: .environment).get())
            }, sources: sources)
    }

    /// Nothing of a secret was said or shown.
    func expectNoCanary(_ outcomes: Program.Outcome...) {
        for canary in AgentBench.canaries {
            for outcome in outcomes { #expect(!outcome.output.contains(canary) && !outcome.errors.contains(canary)) }
            #expect(!bench.message.contains(canary))
            #expect(bench.status?.text.contains(canary) ?? false == false)
        }
    }

    func stop() { vault.server.stop() }
}
