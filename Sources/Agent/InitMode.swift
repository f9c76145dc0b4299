import SecretSpec
import VaultClient

/// Mode `init`: the start and nothing else.
enum InitMode {
    static func run(environment: [String: String], console: Console) throws(AgentFailure) {
        let plan = try AgentPlan(environment: environment)
        let supervisor = try Supervisor()
        let client = VaultClient(plan: plan, options: VaultClient.Options(environment: environment))
        let snapshot = try FirstFetch(plan: plan, client: client, console: console).run(supervisor)
        StatusFile(plan: plan, console: console).write(StatusReport(firstFetch: snapshot, plan: plan))
    }
}
