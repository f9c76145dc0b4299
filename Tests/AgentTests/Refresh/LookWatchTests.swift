import Synchronization
import Testing

@testable import Agent

@Suite("A look that does not end")
struct LookWatchTests {
    let start = ContinuousClock.now

    final class Cancelled: Sendable {
        let count = Atomic<Int>(0)
    }

    @Test("is given up and cancelled past its deadline, and what it says later is not heard")
    func late() async throws {
        var watch = LookWatch()
        let cancelled = Cancelled()
        let deadline = start + .seconds(30)
        watch.start(deadline: deadline, isExtra: true) { _ in
            try? await Task.sleep(for: .seconds(3600))
            cancelled.count.add(1, ordering: .relaxed)
        }
        #expect(watch.isLooking && watch.latest == deadline + LookWatch.grace)
        #expect(watch.giveUp(at: deadline) == nil)
        #expect(watch.giveUp(at: deadline + LookWatch.grace) == true)
        #expect(!watch.isLooking && watch.latest == nil && watch.giveUp(at: start + .seconds(999)) == nil)
        #expect(eventually { cancelled.count.load(ordering: .relaxed) == 1 })
        // Its message comes while the next look is under way, and does not end that one.
        watch.start(deadline: deadline, isExtra: false) { _ in }
        #expect(watch.finish(1) == nil && watch.isLooking)
        #expect(watch.finish(2) == false && !watch.isLooking && watch.finish(2) == nil)
    }

    @Test("one that ends in time is over")
    func inTime() async throws {
        var watch = LookWatch()
        let number = try Mailbox<Int>()
        watch.start(deadline: start + .seconds(30), isExtra: true) { number.post($0) }
        var numbers: [Int] = []
        #expect(
            eventually {
                numbers += number.takeAll()
                return numbers == [1]
            })
        #expect(watch.finish(1) == true && watch.giveUp(at: start + .seconds(99)) == nil)
    }
}
