import JSON
import Testing

@testable import DevVault

/// Lists in pages.
@Suite struct PageTests {
    static func request(_ query: String) throws -> DevVaultRequest {
        try #require(DevVaultRequest(method: "GET", target: "/secrets?" + query, headers: [], body: []))
    }

    /// Follows the links; `between` changes the entries after each page.
    static func walk(
        _ entries: [String], size: Int?, between: ([String]) -> [String] = { $0 }
    ) throws -> [[String]] {
        var entries = entries
        var query = "api-version=7.4" + (size.map { "&maxresults=\($0)" } ?? "")
        var pages: [[String]] = []
        while true {
            let page = try Page.make(
                entries.sorted().map { ($0, .string($0)) }, try request(query), base: "https://shop:1")
            pages.append((page["value"]?.array ?? []).compactMap(\.string))
            guard let link = page["nextLink"]?.string else { return pages }
            query = String(link.dropFirst("https://shop:1/secrets?".count))
            entries = between(entries)
        }
    }

    @Test(arguments: [0, 1, 24, 25, 26, 50, 61], [nil, 1, 7, 25])
    func everyEntryOnce(count: Int, size: Int?) throws {
        let entries = (0..<count).map { "entry-\(100 + $0)" }
        let pages = try Self.walk(entries, size: size)
        #expect(Array(pages.joined()) == entries)
        #expect(pages.allSatisfy { $0.count <= size ?? 25 })
        #expect(pages.count == max(1, (count + (size ?? 25) - 1) / (size ?? 25)))
    }

    @Test func entriesThatGoBetweenPagesHideNoOthers() throws {
        let entries = (10..<40).map { "e\($0)" }
        let pages = try Self.walk(entries, size: 5) { Array($0.dropFirst(2)) }
        #expect(pages.joined().contains("e39"))
        #expect(Set(pages.joined()).count == pages.joined().count)
        let kept = entries.enumerated().filter { $0.offset >= 12 }.map(\.element)
        #expect(kept.allSatisfy { pages.joined().contains($0) })
    }

    @Test(arguments: [
        "maxresults=0", "maxresults=26", "maxresults=x", "maxresults=-1", "$skiptoken=!", "$skiptoken=e30",
    ])
    func badParameters(query: String) throws {
        let request = try Self.request(query)
        #expect(throws: KeyVaultFault.self) { try Page.make([("a", "a")], request, base: "") }
    }
}
