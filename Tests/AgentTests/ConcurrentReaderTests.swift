import Glibc
import Synchronization
import Testing

@testable import Agent

@Suite("Readers beside a writer")
struct ConcurrentReaderTests {
    static let paths = ["a", "b", "dir/c", "dir/sub/d"]

    final class Progress: Sendable {
        let reads = Atomic<Int>(0)
        let isWrong = Atomic<Bool>(false)
        var goesOn: Bool { reads.load(ordering: .relaxed) < 200_000 && !isWrong.load(ordering: .relaxed) }
    }

    /// Every file carries the number of its generation. A reader holds each file that it reads against the ones before:
    /// through one descriptor of `..data` all are of one generation; through the links numbers never go back, so that
    /// what lies between two equal numbers has that number too.
    @Test("never see two generations mixed", .timeLimit(.minutes(5)))
    func history() async throws {
        let folder = try TemporaryFolder()
        let directory = AtomicDirectory(path: folder.path, group: nil)
        try directory.publish(files(Self.paths, "1"))
        let progress = Progress()

        try await withThrowingTaskGroup(of: Void.self) { group in
            for reader in 0..<2 {
                group.addTask {
                    while progress.goesOn {
                        let numbers = reader == 0 ? Self.readOneGeneration(folder.path) : Self.readLinks(folder.path)
                        progress.reads.add(numbers.count, ordering: .relaxed)
                        let isRight = reader == 0 ? Set(numbers).count <= 1 : numbers == numbers.sorted()
                        if !isRight || numbers.contains(-1) {
                            progress.isWrong.store(true, ordering: .relaxed)
                            Issue.record("mixed: \(numbers)")
                        }
                        await Task.yield()
                    }
                }
            }
            var generation = 1
            while progress.goesOn {
                generation += 1
                try directory.publish(files(Self.paths, String(generation)))
                await Task.yield()
            }
            try await group.waitForAll()
            // Else the readers had nothing to mix up.
            #expect(generation > 100)
        }
        #expect(folder.leftovers(besides: ["a", "b", "dir"]) == [])
    }

    /// All files beneath the generation that `..data` is at one moment; a file that is gone (the generation was replaced
    /// and removed) gives none.
    static func readOneGeneration(_ path: String) -> [Int] {
        let generation = open(path + "/..data", O_RDONLY | O_DIRECTORY)
        guard generation >= 0 else { return [] }
        defer { close(generation) }
        return paths.compactMap { number(openat(generation, $0, O_RDONLY)) }
    }

    /// All files through their links, there and back.
    static func readLinks(_ path: String) -> [Int] {
        (paths + paths.reversed()).compactMap { number(open("\(path)/\($0)", O_RDONLY)) }
    }

    /// What a file holds; nil where it could not be opened, -1 where it is no number: torn or empty.
    static func number(_ descriptor: Int32) -> Int? {
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = read(descriptor, &bytes, bytes.count)
        return Int(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)) ?? -1
    }
}
