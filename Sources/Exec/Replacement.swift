/// A text of the environment file and the value that comes in its place.
struct Replacement: Keyed {
    let text: Bytes
    let value: Bytes

    var key: Bytes { text }
}
