import ArgumentParser
import Injector
import Webhook

/// `IMAGE=JSON`: what an image runs.
struct ImageCommandOption: ExpressibleByArgument {
    let image: String
    let command: ImageCommand

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex,
            let command = ImageCommand(shown: Array(argument[argument.index(after: equals)...].utf8))
        else { return nil }
        image = String(argument[..<equals])
        self.command = command
    }
}
