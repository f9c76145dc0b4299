import JSON
import Testing

struct JSONEqualityTests {
    @Test(arguments: [
        ("1", "1.0"), ("1", "10e-1"), ("100", "1E2"), ("0", "-0"), ("0", "0e99999999999999999999999"),
        ("0.0", "-0.000e5"), ("1.50", "15e-1"),
        ("0.001", "1e-3"), ("1e99999999999999999999999", "10e99999999999999999999998"),
        ("1e-99999999999999999999999", "0.1e-99999999999999999999998"),
        ("1e100000000000000000", "100e99999999999999998"),
        ("1e-100000000000000000", "0.01e-99999999999999998"), ("1e+0007", "10000000"),
        ("1e99999999999999999", "0.1e100000000000000000"),
        ("1e1000000000000000000000", "0.1e1000000000000000000001"), ("12345678901234567890e0", "1234567890123456789e1"),
    ])
    func equalNumbers(_ left: String, _ right: String) throws {
        let (a, b) = (try #require(JSONNumber(left)), try #require(JSONNumber(right)))
        #expect(a == b)
        #expect(b == a)
    }

    @Test(arguments: [
        ("1", "-1"), ("1", "2"), ("10", "1"), ("0.1", "0.01"), ("9007199254740993", "9007199254740992"),
        ("1e99999999999999999999999", "1e99999999999999999999998"),
        ("1e99999999999999999999999", "1e-99999999999999999999999"),
        ("1e100000000000000000", "1e200000000000000000"), ("12", "102"), ("1e1", "1e-1"),
        ("1e100000000000000005", "1e5"),
        ("1e-100000000000000005", "1e-5"), ("0", "1e-99999999999999999999999"),
    ])
    func unequalNumbers(_ left: String, _ right: String) throws {
        let (a, b) = (try #require(JSONNumber(left)), try #require(JSONNumber(right)))
        #expect(a != b)
        #expect(b != a)
    }

    @Test(arguments: [
        (#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#), (#"{"a":1,"a":2}"#, #"{"a":2}"#),
        (#"{"a":1,"a":2}"#, #"{"a":3,"a":2}"#),
        (#"{"a":1,"b":2,"a":3}"#, #"{"a":3,"b":2,"b":2}"#), ("{}", "{ }"), (#""a""#, #""\u0061""#),
        (#"[{"a":[1.0]}]"#, #"[{"a":[1]}]"#),
    ])
    func equalValues(_ left: String, _ right: String) throws {
        let a = try JSONValue(parsing: Array(left.utf8))
        let b = try JSONValue(parsing: Array(right.utf8))
        #expect(a == b)
        #expect(b == a)
    }

    @Test(arguments: [
        (#"{"a":1}"#, #"{"a":1,"b":1}"#), (#"{"a":1,"b":1}"#, #"{"a":1,"c":1}"#), (#"{"a":2,"a":1}"#, #"{"a":2}"#),
        ("[1,2]", "[2,1]"),
        ("null", "false"), ("0", "false"), (#""1""#, "1"), ("[]", "{}"), ("[]", "null"), (#"{"a":null}"#, "{}"),
        (#""\u00e9""#, #""e\u0301""#), (#"{"\u00e9":1}"#, #"{"e\u0301":1}"#), (#""\u212a""#, #""K""#),
        (#"{"\u00e9":1,"b":1}"#, #"{"b":1,"e\u0301":1}"#),
    ])
    func unequalValues(_ left: String, _ right: String) throws {
        let a = try JSONValue(parsing: Array(left.utf8))
        let b = try JSONValue(parsing: Array(right.utf8))
        #expect(a != b)
        #expect(b != a)
    }

    @Test func namesAreComparedCodePointByCodePoint() {
        var object = JSONObject()
        object["\u{E9}"] = 1
        object["e\u{301}"] = 2
        #expect(object.members.count == 2)
        #expect(object["\u{E9}"] == 1)
        object["e\u{301}"] = nil
        #expect(object.members.count == 1)
        #expect(object["\u{E9}"] == 1)
    }

    @Test func integersComeOnlyFromIntegers() throws {
        for (text, expected) in [
            ("0", 0), ("-0", 0), ("-7", -7), ("9223372036854775807", Int.max), ("9223372036854775808", nil),
            ("1.0", nil), ("1e2", nil),
        ] as [(String, Int?)] {
            #expect(JSONValue.number(try #require(JSONNumber(text))).int == expected)
        }
        #expect(JSONValue.string("1").int == nil)
    }
}
