/// A system call that failed.
package struct SystemError: Error, Equatable, Sendable {
    /// What was tried, in words that stand before a name.
    enum Attempt: String, Sendable {
        case open, read, list, lock, create, write, remove
        case look = "look at"
        case link = "make the link"
        case rename = "rename a link to"
        case makeDirectory = "make the directory"
        case setMode = "set the mode of"
        case setGroup = "set the group of"
        case draw = "draw a random name for"
    }

    let attempt: Attempt
    /// What it was tried with: a name of the plan's or one of ours, never a content. Empty for the directory itself.
    let subject: String
    /// `errno`.
    let code: Int32
}
