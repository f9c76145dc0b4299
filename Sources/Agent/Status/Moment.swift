import CLinux
import Glibc
import VaultClient

/// One moment on two clocks: the steady one for spans, which goes on while the machine sleeps, and the wall's for people.
struct Moment: Sendable, Equatable {
    let instant: ContinuousClock.Instant
    /// Seconds since 1970.
    let wallSeconds: Int

    static var now: Moment { Moment(instant: .now, wallSeconds: time(nil)) }

    init(instant: ContinuousClock.Instant, wallSeconds: Int) {
        self.instant = instant
        self.wallSeconds = wallSeconds
    }

    /// An earlier moment of this process.
    init(_ instant: ContinuousClock.Instant, now: Moment) {
        self.init(
            instant: instant, wallSeconds: now.wallSeconds - Int((now.instant - instant).components.seconds))
    }

    /// A moment that another process wrote down as RFC 3339; one that lies ahead counts as now.
    init?(rfc3339 text: String, now: Moment) {
        let seconds = Int(lk_parse_rfc3339(text))
        guard seconds >= 0 else { return nil }
        let age = max(0, now.wallSeconds - seconds)
        self.init(instant: now.instant - .seconds(age), wallSeconds: now.wallSeconds - age)
    }

    /// UTC as RFC 3339 has it.
    var rfc3339: String { RFC3339.text(wallSeconds) }
}
