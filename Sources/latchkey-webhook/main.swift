import Glibc
import Webhook

let environment = CommandLine.arguments
exit(WebhookMain.run(arguments: Array(CommandLine.arguments.dropFirst()), environment: [:]))
