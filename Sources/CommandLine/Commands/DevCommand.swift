import ArgumentParser

/// `latchkey dev`.
struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "dev", abstract: "x")
    func run() async throws {}
}
