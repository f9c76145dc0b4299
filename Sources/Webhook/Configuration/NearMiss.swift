/// Finds what somebody probably meant.
enum NearMiss {
    /// The candidate closest to a mistyped word, or nil where none is close.
    static func suggestion(for word: String, among candidates: [String]) -> String? {
        let limit = word.utf8.count > 3 ? max(2, word.utf8.count / 3) : 1
        let ranked = candidates.map { (name: $0, distance: distance(word.lowercased(), $0.lowercased())) }
        return ranked.filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.name
    }

    /// The Levenshtein distance of two words in bytes, over at most their first 64.
    static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left.utf8.prefix(64))
        let b = Array(right.utf8.prefix(64))
        var row = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = letter == other ? diagonal : 1 + min(diagonal, above, row[j])
                diagonal = above
            }
        }
        return row[b.count]
    }
}
