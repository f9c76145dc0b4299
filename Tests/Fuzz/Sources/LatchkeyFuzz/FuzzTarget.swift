/// One parser under attack. Its body takes any bytes and stops the process where a property does not hold; what the
/// parser itself does wrong (a trap, a bad access, a hang) stops the process anyway.
struct FuzzTarget: Sendable {
    let name: String
    let run: @Sendable ([UInt8]) -> Void

    /// Every target; `scripts/fuzz.sh` reads the names from here.
    static let all: [FuzzTarget] = [
        .json, .pointer, .patch, .reference, .path, .plan, .yaml, .origin, .review, .annotations,
    ]
}

/// A property of the code under attack.
func require(_ holds: Bool, _ property: String) {
    if !holds { fatalError("does not hold: \(property)") }
}

/// The value of something that must not fail.
func must<Value>(_ property: String, _ body: () throws -> Value) -> Value {
    do { return try body() } catch { fatalError("does not hold: \(property): \(error)") }
}
