import Injector
import Testing
import VaultClient

@testable import Webhook

@Suite struct ImageCacheTests {
    private func key(_ image: String, user: String? = nil) throws -> ImageCache.Key {
        let credential = user.map { RegistryCredential(username: $0, password: .init(text: "p")) }
        return ImageCache.Key(
            image: try ImageReference(parsing: image), platforms: ImagePlatforms(), credential: credential?.identity)
    }

    private let command = ImageCommand(entrypoint: ["a"], cmd: [])

    @Test func answersAgeByTheirKind() async throws {
        let cache = ImageCache(lifetimes: .init(tag: .zero, digest: .seconds(600), failure: .zero))
        let digest = "a@sha256:" + String(repeating: "0", count: 64)
        for (image, expected) in [("a:1", 2), (digest, 1)] {
            let count = Shared(0)
            for _ in 0..<2 {
                _ = await cache.answer(try key(image), deadline: .now + .seconds(20)) { [command] in
                    count.change { $0 += 1 }
                    return .success(command)
                }
            }
            #expect(count.value == expected, "\(image)")
        }
        let failures = Shared(0)
        for _ in 0..<2 {
            _ = await cache.answer(try key(digest, user: "bob"), deadline: .now + .seconds(20)) {
                failures.change { $0 += 1 }
                return .failure(.notFound)
            }
        }
        #expect(failures.value == 2)
    }

    @Test func lookupsAtOneTimeAreBounded() async throws {
        let cache = ImageCache()
        let isHeld = Shared(true)
        let started = Shared(0)
        try await withThrowingTaskGroup(of: ImageCache.Answer.self) { group in
            for number in 0..<ImageCache.maximumLookups {
                let key = try key("a:\(number)")
                group.addTask { [command] in
                    await cache.answer(key, deadline: .now + .seconds(60)) {
                        started.change { $0 += 1 }
                        while isHeld.value { await Task.yield() }
                        return .success(command)
                    }
                }
            }
            while started.value < ImageCache.maximumLookups { await Task.yield() }
            let more = await cache.answer(try key("a:more"), deadline: .now + .seconds(60)) { .failure(.notFound) }
            #expect(more == .failure(.busy))
            isHeld.set(false)
            for try await answer in group { #expect(answer == .success(command)) }
        }
    }

    @Test func lookupsWithinAShortTimeAreBounded() async throws {
        let start = ContinuousClock.now
        var limit = RateLimit(burst: 3, perSecond: 2, now: start)
        func take(_ milliseconds: Int) -> Bool { limit.take(now: start + .milliseconds(milliseconds)) }
        #expect((0..<4).map { _ in take(0) } == [true, true, true, false])
        #expect([take(400), take(600), take(700), take(100)] == [false, true, false, false])
        #expect((0..<4).map { _ in take(1_000_000) } == [true, true, true, false])

        let cache = ImageCache()
        var answers: [ImageCache.Answer] = []
        for number in 0..<(ImageCache.burst * 2) {
            let answer = await cache.answer(try key("a:\(number)"), deadline: .now + .seconds(60)) {
                .failure(.notFound)
            }
            answers.append(answer)
        }
        #expect(answers.prefix(ImageCache.burst).allSatisfy { $0 == .failure(.notFound) })
        #expect(answers.contains(.failure(.busy)))
        // What is known costs nothing.
        let again = await cache.answer(try key("a:0"), deadline: .now + .seconds(60)) { .failure(.timeout) }
        #expect(again == .failure(.notFound))
    }

    @Test func theOldestGoesFirst() {
        var cache = BoundedCache<Int, Int>(maximumCount: 3, maximumSize: 100)
        for number in 0..<3 { cache.insert(number, for: number, size: 10) }
        #expect(cache.value(0) == 0)
        cache.insert(3, for: 3, size: 10)
        #expect(cache.value(1) == nil && cache.value(0) == 0 && cache.count == 3 && cache.size == 30)
        cache.insert(4, for: 4, size: 95)
        #expect(cache.value(4) == 4 && cache.count == 1 && cache.size == 95)
        cache.insert(5, for: 5, size: 101)
        #expect(cache.value(5) == nil && cache.count == 1)
        cache.insert(6, for: 4, size: 1)
        #expect(cache.value(4) == 6 && cache.size == 1)
    }
}
