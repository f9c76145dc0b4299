import Agent
import Glibc

// Not `exit`: see AgentMain.run.
_exit(
    AgentMain.run(
        arguments: Array(CommandLine.arguments.dropFirst()), environment: AgentMain.processEnvironment))
