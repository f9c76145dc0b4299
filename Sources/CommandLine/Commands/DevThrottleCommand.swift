import ArgumentParser

/// `latchkey dev throttle`.
struct DevThrottleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "throttle",
        abstract: "Let the running dev vault refuse its next requests with 429, as Key Vault does above its limits.",
        discussion: """
            EXAMPLES:
              latchkey dev throttle --next 3 --retry-after 2
              latchkey dev throttle --off
            """)

    @OptionGroup var options: DevFolderOptions

    @Option(help: "How many requests are refused.")
    var next = 1

    @Option(help: "The Retry-After that the refusals carry, in seconds.")
    var retryAfter = 1

    @Flag(help: "Take it back.")
    var off = false

    func validate() throws {
        guard next > 0, retryAfter >= 0 else { throw ValidationError("--next begins at 1, --retry-after at 0") }
    }

    func run() async throws {
        do {
            let client = try DevClient(options.folder)
            try await client.throttle(off ? nil : (next: next, retryAfter: retryAfter))
            Output.line(off ? "no request is refused any more" : "the next \(next) requests are refused")
        } catch { throw fail(error) }
    }
}
