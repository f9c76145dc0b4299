import Foundation
import Testing

@testable import VaultClient

/// A name service that is silent holds nobody up.
@Suite struct NameLookupTests {
    @Test("what it answers in time counts", arguments: [true, false])
    func answered(_ isUnknown: Bool) async {
        let answer = await NameLookup.confirmUnknown("x.test", within: .seconds(60)) { name in
            name == "x.test" && isUnknown
        }
        #expect(answer == isUnknown)
    }

    @Test("what it answers late does not")
    func late() async {
        let gate = DispatchSemaphore(value: 0)
        let answer = await NameLookup.confirmUnknown("x.test", within: .milliseconds(20)) { _ in
            gate.wait()
            return true
        }
        gate.signal()
        #expect(!answer)
        #expect(await !NameLookup.confirmUnknown("x.test", within: .zero) { _ in true })
    }

    @Test("who gives up does not wait for it")
    func cancelled() async throws {
        let gate = DispatchSemaphore(value: 0)
        let asked = Counter()
        let task = Task {
            await NameLookup.confirmUnknown("x.test", within: .seconds(3600)) { _ in
                asked.next()
                gate.wait()
                return true
            }
        }
        while asked.value == 0 { try await Task.sleep(for: .milliseconds(2)) }
        task.cancel()
        #expect(await !task.value)
        gate.signal()
    }
}
