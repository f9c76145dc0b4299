import DevVault
import Glibc
import JSON

// A dev vault for tests in other languages: reads its configuration as JSON from the file named as the argument, prints
// {"port", "caFile"} as one line when it listens, and ends with its standard input.

signal(SIGPIPE, SIG_IGN)

func write(_ text: String, to file: Int32) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(file, bytes, bytes.count)
}

func fail(_ message: String) -> Never {
    write("dev-vault-server: \(message)\n", to: STDERR_FILENO)
    exit(1)
}

func readAll(_ file: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = read(file, &chunk, chunk.count)
        if count <= 0 { return bytes }
        bytes += chunk.prefix(count)
    }
}

guard CommandLine.arguments.count == 2 else { fail("usage: dev-vault-server CONFIGURATION.json") }
let file = open(CommandLine.arguments[1], O_RDONLY)
guard file >= 0 else { fail("cannot open \(CommandLine.arguments[1])") }

do {
    let configuration = try DevVaultConfiguration(json: try JSONValue(parsing: readAll(file)))
    let server = try await DevVaultServer.start(configuration)
    let line: JSONValue = [
        "port": .number(JSONNumber(server.port)), "caFile": server.caCertificateFile.map { .string($0) } ?? .null,
    ]
    write(line.text + "\n", to: STDOUT_FILENO)
    _ = readAll(STDIN_FILENO)
    await server.stop()
} catch {
    fail("\(error)")
}
