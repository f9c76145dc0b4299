import Glibc
import JSON
import Testing

/// Invariant: the cost is linear and the stack is bounded, whatever the bytes are. Times are compared within one run and
/// with a wide margin: four times the input may cost at most twelve times, where a quadratic path costs sixteen
/// at sizes that drown what is constant.
@Suite(.serialized)
struct JSONCostTests {
    private static let bombs: [(String, @Sendable (Int) -> String)] = [
        ("numbers", { "[" + String(repeating: "1,", count: $0 / 2) + "1]" }),
        ("empty arrays", { "[" + String(repeating: "[],", count: $0 / 3) + "[]]" }),
        ("members of one name", { "{" + String(repeating: #""a":1,"#, count: $0 / 6) + #""a":1}"# }),
        ("members", { size in "{" + (0..<size / 12).map { "\"n\($0)\":0" }.joined(separator: ",") + "}" }),
        ("one long text", { "\"" + String(repeating: "x", count: $0) + "\"" }),
        ("escapes", { "\"" + String(repeating: #"\n"#, count: $0 / 2) + "\"" }),
        ("pairs", { "\"" + String(repeating: #"\ud834\udd1e"#, count: $0 / 12) + "\"" }),
        ("a long number", { String(repeating: "9", count: $0) }),
        ("white space", { String(repeating: " ", count: $0) + "1" }),
        (
            "deep and wide",
            { size in
                let deep = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
                return "[" + (0..<size / 121 + 1).map { _ in deep }.joined(separator: ",") + "]"
            }
        ),
        (
            "nested objects",
            { size in
                let deep = String(repeating: #"{"a":"#, count: 60) + "0" + String(repeating: "}", count: 60)
                return "[" + (0..<size / 362 + 1).map { _ in deep }.joined(separator: ",") + "]"
            }
        ),
    ]

    @Test(arguments: bombs.map(\.0))
    func parsingAndPrintingAreLinear(_ name: String) throws {
        let make = try #require(Self.bombs.first { $0.0 == name }?.1)
        try expectLinear { size in
            let bytes = Array(make(size).utf8)
            return {
                guard let value = try? JSONValue(parsing: bytes) else { return false }
                return value.serialized().count > 0
            }
        }
    }

    @Test(arguments: bombs.map(\.0))
    func comparingIsLinear(_ name: String) throws {
        let make = try #require(Self.bombs.first { $0.0 == name }?.1)
        try expectLinear { size in
            let bytes = Array(make(size).utf8)
            guard let left = try? JSONValue(parsing: bytes), let right = try? JSONValue(parsing: bytes) else {
                return { false }
            }
            return { left == right }
        }
    }

    @Test func aPatchOfAWideObjectIsLinear() throws {
        try expectLinear { size in
            let document = JSONValue.object(JSONObject((0..<size / 12).map { .init(name: "n\($0)", value: 0) }))
            let patch = JSONPatch([
                .test(path: JSONPointer(["n\(size / 24)"]), value: 0), .add(path: JSONPointer(["new"]), value: 1),
                .replace(path: JSONPointer(["n1"]), value: 1), .remove(path: JSONPointer(["n2"])),
                .move(from: JSONPointer(["n3"]), path: JSONPointer(["moved"])),
            ])
            return { (try? patch.applied(to: document)) != nil }
        }
    }

    @Test func numbersAreComparedInLinearTime() throws {
        try expectLinear { size in
            let zeros = String(repeating: "0", count: size)
            guard let left = JSONNumber("1\(zeros)e-\(zeros)1"), let right = JSONNumber("10\(zeros)e-\(zeros)2") else {
                return { false }
            }
            return { left == right }
        }
    }

    @Test func depthIsBoundedForArraysAndObjects() throws {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":"#, "}]")] {
            let levels = open.utf8.filter { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") }.count
            func nested(_ depth: Int) -> [UInt8] {
                let count = depth / levels
                return Array(
                    (String(repeating: open, count: count) + "1" + String(repeating: close, count: count)).utf8)
            }
            #expect(throws: Never.self) { try JSONValue(parsing: nested(64)) }
            for depth in [66, 1000, 1_000_000] {
                let error = #expect(throws: JSONError.self) { try JSONValue(parsing: nested(depth)) }
                #expect(error?.reason == .tooDeep)
                #expect(try #require(error).offset <= 64 * open.utf8.count)
            }
        }
        let arrays = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: Array(arrays.utf8)) }
        #expect(error?.reason == .tooDeep)
        #expect(error?.offset == 64)
    }

    /// `make` prepares work of a size in bytes; true is expected of each run of it.
    private func expectLinear(_ make: (Int) -> () -> Bool) throws {
        let size = 40_000
        let (small, large) = (make(size), make(size * 4))
        #expect(small() && large())
        // Least of several: other processes only ever add time.
        func cost(_ work: () -> Bool) -> Double {
            (0..<4).map { _ in
                let start = Self.processorTime()
                _ = work()
                return Self.processorTime() - start
            }.min() ?? 0
        }
        let ratio = cost(large) / max(cost(small), 20e-6)
        #expect(ratio < 12, "4 times the input cost \(ratio) times as much")
    }

    /// Seconds of this thread, so that other tests do not count.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
