import JSON
import SecretSpec
import Testing

@testable import Agent
@testable import VaultClient

@Suite("The status report")
struct StatusReportTests {
    let start = Moment(instant: .now, wallSeconds: 1_800_000_000)

    func later(_ seconds: Int) -> Moment {
        Moment(instant: start.instant + .seconds(seconds), wallSeconds: start.wallSeconds + seconds)
    }

    func plan() throws -> AgentPlan {
        AgentPlan(
            directory: "/volume", group: nil,
            files: try (0..<2).map { index in
                AgentPlan.File(
                    source: "latchkey.dev/secret.s\(index)", path: try #require(RelativePath("s\(index)")), mode: 0o400,
                    reference: try SecretReference(parsing: "akv://shop/s\(index)"))
            }, startDeadlineSeconds: 1, refresh: AgentPlan.Refresh(intervalMilliseconds: 1500), azure: nil,
            caBundle: nil)
    }

    func report() throws -> StatusReport {
        var report = StatusReport(plan: try plan(), now: start)
        report.generation = "..g"
        report.published = start
        report.interval = .milliseconds(1500)
        report.take(
            LookResult(try RefreshDecisionTests.snapshot(.success("1"), .success("1")), isPublished: true), at: start)
        return report
    }

    @Test("an object that was read is current though another keeps it from being published, while it is the same")
    func blocked() throws {
        var report = try report()
        let look = try RefreshDecisionTests.snapshot(.success("1"), .failure(RefreshDecisionTests.slow))
        report.take(LookResult(look, isPublished: false), at: later(10))
        #expect(report.objects.map(\.state) == [.current, .stale])
        #expect(report.objects[0].lastRead == later(10) && report.objects[1].lastRead == start)
        let newer = try RefreshDecisionTests.snapshot(.success("2"), .failure(RefreshDecisionTests.slow))
        report.take(LookResult(newer, isPublished: false), at: later(20))
        #expect(report.objects.map(\.state) == [.stale, .stale])
        #expect(report.objects.map(\.version) == ["1", "1"])
        #expect(report.objects.map(\.since) == [later(20), later(10)])
        #expect(report.lastLook == later(20) && report.lastSuccess == start)
    }

    @Test("what was removed stays so through other faults, and comes back")
    func removed() throws {
        var report = try report()
        let gone = try RefreshDecisionTests.snapshot(.success("1"), .failure(RefreshDecisionTests.gone))
        report.take(LookResult(gone, isPublished: true, removesRevoked: true), at: later(10))
        #expect(report.objects.map(\.state) == [.current, .removed])
        // A look that knows that something is gone is a good one.
        #expect(report.lastSuccess == later(10))
        let slow = try RefreshDecisionTests.snapshot(.success("1"), .failure(RefreshDecisionTests.slow))
        report.take(LookResult(slow, isPublished: false, removesRevoked: true), at: later(20))
        #expect(report.objects[1].state == .removed && report.objects[1].error?.kind == "timeout")
        let back = try RefreshDecisionTests.snapshot(.success("1"), .success("2"))
        report.take(LookResult(back, isPublished: true, removesRevoked: true), at: later(30))
        #expect(report.objects[1].state == .current && report.objects[1].version == "2")
    }

    @Test("a look is good only where what it read is published, be it the same as before")
    func success() throws {
        var report = try report()
        let gone = RefreshDecisionTests.gone
        // Nothing could be published, though every object was read or is known to be gone.
        report.take(
            LookResult(try RefreshDecisionTests.snapshot(.success("2"), .failure(gone)), isPublished: false),
            at: later(10))
        #expect(report.lastSuccess == start && report.lastLook == later(10))
        // A file of both objects stays as it is. While the other object is the same, nothing is missing.
        func carrying(_ version: String, _ seconds: Int) throws {
            report.take(
                LookResult(
                    try RefreshDecisionTests.snapshot(.success(version), .failure(gone)), isPublished: true,
                    carried: ["latchkey.dev/secret.s0", "latchkey.dev/secret.s1"]), at: later(seconds))
        }
        try carrying("1", 20)
        #expect(report.lastSuccess == later(20) && report.objects.map(\.state) == [.current, .revoked])
        try carrying("2", 30)
        #expect(report.lastSuccess == later(20) && report.objects.map(\.state) == [.stale, .revoked])
        #expect(report.objects.map(\.version) == ["1", "1"])
    }

    @Test("is of one publication: files and environments")
    func publication() throws {
        var report = try report()
        let app = StatusReport.Environment(container: "app", delivery: "exec", generation: "..e")
        report.environments = [app]
        let json = report.json(now: start)
        #expect(report.isSamePublication(json) && StatusReport.isOfLoop(json))
        report.environments[0].generation = "..f"
        #expect(!report.isSamePublication(json))
        report.environments[0].generation = nil
        #expect(!report.isSamePublication(json))
        report.environments = [app]
        report.generation = "..h"
        #expect(!report.isSamePublication(json))
        report.generation = nil
        #expect(!report.isSamePublication(json))
        report.interval = nil
        #expect(!StatusReport.isOfLoop(report.json(now: start)) && !StatusReport.isOfLoop(nil))
    }

    @Test("a field that is gone is its object's fault")
    func field() throws {
        var report = try report()
        let failure = ResolveFailure(
            source: "latchkey.dev/secret.s1", reference: try SecretReference(parsing: "akv://shop/s1#user"),
            error: VaultError(.field, "no such field"))
        let look = try RefreshDecisionTests.snapshot(.success("1"), .success("2"))
        report.take(LookResult(look, isPublished: false, failures: [failure]), at: later(10))
        #expect(report.objects.map(\.state) == [.current, .stale])
        #expect(report.objects[1].error?.kind == "field" && report.lastSuccess == start)
    }

    @Test("files that cannot be written are a fault of no object")
    func writing() throws {
        var report = try report()
        let look = try RefreshDecisionTests.snapshot(.success("2"), .success("1"))
        report.take(
            LookResult(look, isPublished: false, fault: .init(kind: "files", message: "full")), at: later(10))
        #expect(report.objects.map(\.state) == [.stale, .current] && report.lastSuccess == start)
        #expect(report.json(now: later(10))["error"]?["message"]?.string == "full")
    }

    @Test("is this JSON, and what it says can be taken over by the next process")
    func json() throws {
        var report = try report()
        let gone = try RefreshDecisionTests.snapshot(.success("1"), .failure(RefreshDecisionTests.gone))
        report.take(LookResult(gone, isPublished: true), at: later(10))
        let json = report.json(now: later(11))
        let expected = """
            {"version":1,"generation":"..g","published":"2027-01-15T08:00:00Z","lastLook":"2027-01-15T08:00:10Z",\
            "lastSuccess":"2027-01-15T08:00:10Z","intervalSeconds":1.500,"objects":[{"reference":"akv://shop/s0",\
            "sources":["latchkey.dev/secret.s0"],"version":"1","state":"current","since":"2027-01-15T08:00:00Z",\
            "lastRead":"2027-01-15T08:00:10Z"},{"reference":"akv://shop/s1","sources":["latchkey.dev/secret.s1"],\
            "version":"1","state":"revoked","since":"2027-01-15T08:00:10Z","lastRead":"2027-01-15T08:00:00Z",\
            "error":{"kind":"not_found","message":"gone"}}]}
            """
        #expect(json.text == expected)

        var next = StatusReport(plan: try plan(), now: later(60))
        next.generation = "..g"
        next.interval = report.interval
        next.restore(json, now: later(60))
        #expect(next.json(now: later(60)) == json)
        // Of another generation, it is nobody's.
        var other = StatusReport(plan: try plan(), now: later(60))
        other.generation = "..h"
        other.restore(json, now: later(60))
        #expect(other.objects.allSatisfy { $0.state == .stale && $0.version == nil } && other.lastSuccess == nil)
    }

    @Test(
        "nonsense in the file changes nothing",
        arguments: ["[]", "{}", #"{"generation":"..g","objects":[1,{"state":"x"}]}"#])
    func nonsense(text: String) throws {
        var report = StatusReport(plan: try plan(), now: start)
        report.generation = "..g"
        let before = report.json(now: start)
        report.restore(try JSONValue(parsing: Array(text.utf8)), now: start)
        #expect(report.json(now: start) == before)
    }

    @Test("a moment that lies ahead counts as now, and only one form of time is taken")
    func moments() {
        #expect(Moment(rfc3339: "2030-01-01T00:00:00Z", now: start) == start)
        #expect(Moment(rfc3339: "2027-01-15T07:59:00Z", now: start) == later(-60))
        for text in ["", "2027-01-15", "2027-01-15T08:00:00+01:00", "2027-01-15T08:00:00Z ", "x"] {
            #expect(Moment(rfc3339: text, now: start) == nil, "\(text)")
        }
    }
}
