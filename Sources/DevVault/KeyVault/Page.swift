import JSON

/// A page of a list, `maxresults` and `$skiptoken`.
enum Page {
    /// The service's own page size and its upper bound for `maxresults`.
    static let maximum = 25

    /// Entries must be sorted by key. A token names the last key of its page, so that entries which come or go between
    /// two pages neither repeat nor hide others.
    static func make(
        _ entries: [(key: String, value: JSONValue)], _ request: DevVaultRequest, base: String
    ) throws(KeyVaultFault) -> JSONValue {
        var size = maximum
        if let text = request.parameter("maxresults") {
            guard let number = Int(text), (1...maximum).contains(number) else {
                throw .badParameter("Invalid maxresults value. The value must be between 1 and \(maximum).")
            }
            size = number
        }
        var rest = entries[...]
        if let token = request.parameter("$skiptoken") {
            guard let bytes = Base64.decode(token.utf8), let value = try? JSONValue(parsing: bytes),
                let marker = value["NextMarker"]?.string
            else { throw .badParameter("The skiptoken is invalid.") }
            rest = rest.drop { $0.key <= marker }
        }
        let page = rest.prefix(size)
        var next = JSONValue.null
        if rest.count > page.count, let last = page.last {
            let marker: JSONValue = ["NextMarker": .string(last.key), "TargetLocation": 0]
            let path = request.path.joined(separator: "/")
            var link = "\(base)/\(path)?api-version=\(request.parameter("api-version") ?? "")"
            link += "&$skiptoken=\(Base64.encodeURL(marker.serialized()))"
            if let text = request.parameter("maxresults") { link += "&maxresults=\(text)" }
            next = .string(link)
        }
        return ["value": .array(page.map(\.value)), "nextLink": next]
    }
}
