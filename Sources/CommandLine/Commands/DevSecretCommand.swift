import ArgumentParser

/// `latchkey dev secret`.
struct DevSecretCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret",
        abstract: "Put secrets into the running dev vault, through the same API as any client of Key Vault.",
        discussion: """
            EXAMPLES:
              latchkey dev secret set shop/db-password s3cret
              openssl rand -base64 24 | latchkey dev secret set shop/db-password --file -
              latchkey dev secret list
              latchkey dev secret disable shop/db-password
            """,
        subcommands: [Set.self, List.self, Disable.self, Enable.self, Delete.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a new version of a secret.")
        @OptionGroup var options: DevFolderOptions
        @Argument(help: "The vault and the secret.")
        var name: DevSecretName
        @Argument(help: "The value; it shows in the shell's history, --file does not.")
        var value: String?
        @Option(help: "Take the value from a file, '-' is standard input; one line break at its end is left out.")
        var file: String?
        @Option(help: "The content type, e.g. application/json.")
        var contentType: String?

        func validate() throws {
            guard (value == nil) != (file == nil) else {
                throw ValidationError("give a value or --file, one of the two")
            }
        }

        func run() async throws {
            do {
                let value = try value ?? Self.content(of: file ?? "-")
                let version = try await DevClient.connect(options.folder).set(name, value, contentType: contentType)
                Output.line("\(name): version \(version)")
            } catch { throw fail(error) }
        }

        private static func content(of file: String) throws -> String {
            var bytes = try InputFile.read(file)
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw InputProblem(
                    "\(InputFile.title(file)): is not UTF-8 text; a secret of Key Vault is text, encode it as base64")
            }
            return text
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List names, never values.")
        @OptionGroup var options: DevFolderOptions
        @Argument(help: "The vault; default: all.")
        var vault: String?

        func run() async throws {
            do {
                let client = try await DevClient.connect(options.folder)
                for name in vault.map({ [$0] }) ?? client.vaults {
                    for line in try await client.list(vault: name) { Output.line(line) }
                }
            } catch { throw fail(error) }
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Disable all versions of a secret.")
        @OptionGroup var options: DevFolderOptions
        @Argument(help: "The vault and the secret.")
        var name: DevSecretName

        func run() async throws {
            do {
                try await DevClient.connect(options.folder).setEnabled(name, false)
                Output.line("\(name): disabled")
            } catch { throw fail(error) }
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Enable all versions of a secret.")
        @OptionGroup var options: DevFolderOptions
        @Argument(help: "The vault and the secret.")
        var name: DevSecretName

        func run() async throws {
            do {
                try await DevClient.connect(options.folder).setEnabled(name, true)
                Output.line("\(name): enabled")
            } catch { throw fail(error) }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a secret; it can be recovered as in Key Vault.")
        @OptionGroup var options: DevFolderOptions
        @Argument(help: "The vault and the secret.")
        var name: DevSecretName

        func run() async throws {
            do {
                try await DevClient.connect(options.folder).delete(name)
                Output.line("\(name): deleted")
            } catch { throw fail(error) }
        }
    }
}

extension DevSecretName: ExpressibleByArgument {}
