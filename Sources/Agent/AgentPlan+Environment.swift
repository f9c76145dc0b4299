import JSON
import SecretSpec

extension AgentPlan {
    /// Reads the plan that the webhook put into the environment.
    init(environment: [String: String]) throws(AgentFailure) {
        guard let text = environment[Self.environmentVariable] else {
            throw AgentFailure(
                .plan,
                "\(Self.environmentVariable) is not set: the webhook puts the plan there; outside of an injected "
                    + "container set it to the plan's JSON")
        }
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: Array(text.utf8)) } catch {
            throw AgentFailure(.plan, "\(Self.environmentVariable) is no JSON: \(error)")
        }
        do throws(AgentPlanError) { self = try AgentPlan(json: json) } catch {
            throw AgentFailure(.plan, "\(Self.environmentVariable): \(error)")
        }
    }
}
