/// The version of the program.
enum WebhookVersion {
    static let text = "0.1.0"
}
