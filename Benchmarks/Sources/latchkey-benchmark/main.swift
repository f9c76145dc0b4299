import Glibc
import Injector
import JSON

let injector = PodInjector(InjectorConfiguration(agentImage: "ghcr.io/latchkey/agent:1.0"))
let account = [
    "azure.workload.identity/client-id": "11111111-1111-1111-1111-111111111111",
    "azure.workload.identity/tenant-id": "22222222-2222-2222-2222-222222222222",
]

/// Bytes in, bytes out, as the webhook does it.
func answer(_ bytes: [UInt8]) -> [UInt8] {
    guard let review = try? AdmissionReview(parsing: bytes) else { return [] }
    return review.answer(injector.decide(injector.examine(review), serviceAccountAnnotations: account))
}

func injectedPatch(_ bytes: [UInt8]) -> JSONPatch? {
    guard let review = try? AdmissionReview(parsing: bytes),
        case .inject(let plan) = injector.decide(injector.examine(review), serviceAccountAnnotations: account)
    else { return nil }
    return plan.patch
}

// `latchkey-benchmark profile`: one review again and again, to be run under perf or callgrind.
if CommandLine.arguments.contains("profile") {
    let review = Review.made(kilobytes: 7)
    for _ in 0..<2000 where answer(review.bytes).isEmpty { print("no answer") }
    exit(0)
}

// `latchkey-benchmark review 12`: a review of 12 KB, for the load generator.
if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "review", let size = Int(CommandLine.arguments[2]) {
    print(String(decoding: Review.made(kilobytes: size).bytes, as: UTF8.self))
    exit(0)
}

var report = try Report()
let made = [7, 12, 100, 780].map(Review.made)
var injection: [Int: Double] = [:]
var parsing: [Int: Double] = [:]
var printing: [Int: Double] = [:]

report.heading(["review", "bytes", "parse us", "print us", "inject us", "ns/byte"])
for (index, review) in (Review.captured() + made).enumerated() {
    guard let value = try? JSONValue(parsing: review.bytes), let patch = injectedPatch(review.bytes), !patch.isEmpty
    else {
        print("\(review.name) is not injected: \(String(decoding: answer(review.bytes), as: UTF8.self))")
        exit(1)
    }
    let parse = microseconds { (try? JSONValue(parsing: review.bytes)) == nil ? 0 : 1 }
    let print = microseconds { value.serialized().count }
    let inject = microseconds { answer(review.bytes).count }
    report.row([
        review.name, "\(review.bytes.count)", decimal(parse), decimal(print), decimal(inject),
        decimal(inject * 1000 / Double(review.bytes.count)),
    ])
    let size = index - (Review.captured().count)
    if size >= 0 {
        parsing[size] = parse / Double(review.bytes.count)
        printing[size] = print / Double(review.bytes.count)
        injection[size] = inject / Double(review.bytes.count)
    }
}

if let patch = injectedPatch(made[0].bytes)?.document {
    report.heading(["patch", "bytes", "print us"])
    report.row([
        "of the 7 KB review", "\(patch.serialized().count)", decimal(microseconds { patch.serialized().count }),
    ])
}

report.heading(["ratio", "measured", "threshold"])
report.ratio("parse: cost per byte, 780 KB to 12 KB", (parsing[3] ?? 0) / (parsing[1] ?? 1))
report.ratio("print: cost per byte, 780 KB to 12 KB", (printing[3] ?? 0) / (printing[1] ?? 1))
report.ratio("inject: cost per byte, 780 KB to 12 KB", (injection[3] ?? 0) / (injection[1] ?? 1))
report.ratio("inject to parse: 7 KB", (injection[0] ?? 0) / (parsing[0] ?? 1))
report.finish()
