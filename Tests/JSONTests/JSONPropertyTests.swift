import JSON
import TestSupport
import Testing

/// Properties over generated values; every failure names the seed that shows it again.
struct JSONPropertyTests {
    @Test(arguments: 0..<400 as Range<UInt64>)
    func whatIsPrintedIsParsedBack(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let value = generator.value()
        let printed = value.serialized()
        let parsed = try JSONValue(parsing: printed)
        #expect(parsed == value)
        #expect(parsed.serialized() == printed)
    }

    @Test(arguments: 0..<400 as Range<UInt64>)
    func spaceAndEscapesChangeNothing(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let value = generator.value()
        #expect(try JSONValue(parsing: Array(Self.spaced(value, &generator).utf8)) == value)
    }

    /// Patches that are made from a document and where it has values: each must apply and do what it says.
    @Test(arguments: 0..<400 as Range<UInt64>)
    func patchesDoWhatTheySay(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var document = JSONValue.object(JSONObject([.init(name: "root", value: generator.value())]))
        for _ in 0..<8 {
            let places = Self.places(in: document)
            let place = try #require(places.randomElement(using: &generator))
            let old = try #require(document.value(at: place))
            let new = generator.value(depth: 2)
            let replaced = try JSONPatch([.replace(path: place, value: new)]).applied(to: document)
            #expect(replaced.value(at: place) == new)
            #expect(try JSONPatch([.replace(path: place, value: old)]).applied(to: replaced) == document)
            let copied = try JSONPatch([.copy(from: place, path: JSONPointer(["copy"]))]).applied(to: document)
            #expect(copied["copy"] == old)
            let moved = JSONPatch([.move(from: place, path: JSONPointer(["moved"]))])
            if !place.tokens.isEmpty { #expect(try moved.applied(to: document)["moved"] == old) }
            let patch = JSONPatch([
                .test(path: place, value: old), .add(path: JSONPointer(["new"]), value: new),
                .remove(path: JSONPointer(["new"])),
            ])
            #expect(try JSONPatch(JSONValue(parsing: patch.document.serialized())) == patch)
            #expect(try patch.applied(to: document) == document)
            if replaced.object != nil { document = replaced }
        }
    }

    @Test(arguments: 0..<400 as Range<UInt64>)
    func pointersAreParsedBack(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let pointer = JSONPointer((0..<Int.random(in: 0...6, using: &generator)).map { _ in generator.text() })
        #expect(JSONPointer(parsing: pointer.description) == pointer)
    }

    private static func places(in value: JSONValue) -> [JSONPointer] {
        var children: [(String, JSONValue)] = []
        if let elements = value.array { children = elements.enumerated().map { (String($0), $1) } }
        for member in value.object?.members ?? [] where value[member.name] == member.value {
            // Of repeated names the last one is what a pointer reaches, and removing one removes all.
            let repeats = value.object?.members.filter { $0.name.utf8.elementsEqual(member.name.utf8) }.count
            if repeats == 1 { children.append((member.name, member.value)) }
        }
        return [JSONPointer()]
            + children.flatMap { name, child in places(in: child).map { JSONPointer([name] + $0.tokens) } }
    }

    private static func spaced(_ value: JSONValue, _ generator: inout SeededGenerator) -> String {
        func space() -> String { ["", "", " ", "\n", "\t", "\r\n  "][Int.random(in: 0..<6, using: &generator)] }
        func escaped(_ text: String) -> String {
            let units = text.utf16.map { "\\u" + String(0x10000 + Int($0), radix: 16).dropFirst() }
            return generator.once(in: 2) ? JSONValue.string(text).text : "\"\(units.joined())\""
        }
        switch value {
        case .string(let text): return space() + escaped(text) + space()
        case .array(let elements):
            return space() + "[" + space() + elements.map { spaced($0, &generator) }.joined(separator: ",") + "]"
                + space()
        case .object(let object):
            let members = object.members.map {
                space() + escaped($0.name) + space() + ":" + spaced($0.value, &generator)
            }
            return space() + "{" + space() + members.joined(separator: ",") + "}" + space()
        default: return space() + value.text + space()
        }
    }
}
