import CLibFuzzer
import Glibc

// `LATCHKEY_FUZZ_TARGET=<name> LatchkeyFuzz [options and corpora of libFuzzer]`: the name comes by the environment, so
// that libFuzzer can start this program again by its arguments (`-fork`, `-minimize_crash`).

private let name = getenv("LATCHKEY_FUZZ_TARGET").map { String(cString: $0) } ?? ""

if CommandLine.arguments.contains("--list") {
    for target in FuzzTarget.all { print(target.name) }
    exit(0)
}
guard FuzzTarget.all.contains(where: { $0.name == name }) else {
    print("set LATCHKEY_FUZZ_TARGET to one of:", FuzzTarget.all.map(\.name).joined(separator: " "))
    exit(64)
}

/// A C function cannot capture; this is set once, before the first call.
nonisolated(unsafe) private var run: @Sendable ([UInt8]) -> Void = { _ in }
for target in FuzzTarget.all where target.name == name { run = target.run }

var argumentCount = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
    LLVMFuzzerRunDriver(&argumentCount, &arguments) { start, count in
        run(Array(UnsafeBufferPointer(start: start, count: count)))
        return 0
    })
