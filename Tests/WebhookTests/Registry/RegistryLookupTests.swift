import Glibc
import Injector
import JSON
import Testing

@testable import Webhook

@Suite struct RegistryLookupTests {
    private let web = ImageCommand(entrypoint: ["/web"], cmd: ["serve"])

    @Test func oneImageIsReadAndRemembered() async throws {
        try await RegistryBench.with { bench in
            let image = PlayedImage(["/web"], ["serve"])
            bench.registry.play { image.reply($0.path) }
            #expect(await bench.command() == .success(web))
            #expect(await bench.command() == .success(web))
            #expect(await bench.command("shop/web:latest") == .success(web))
            let digest = try #require(image.blobs.keys.first)
            #expect(bench.registry.paths == ["/v2/shop/web/manifests/latest", "/v2/shop/web/blobs/\(digest)"])
            #expect(bench.registry.requests.first?.headers["accept"] == Manifest.acceptedTypes)
            // The same content under another tag: one manifest, no blob.
            #expect(await bench.command("shop/web:2") == .success(web))
            #expect(bench.registry.paths.count == 3)
            #expect(await bench.command("shop/web@\(image.digest)") == .success(web))
            #expect(bench.registry.paths.count == 4)
        }
    }

    @Test func anIndexCountsWhereAllOfItsLinuxImagesRunTheSame() async throws {
        try await RegistryBench.with { bench in
            let image = PlayedImage(index: [
                ("linux/amd64", ["/web"], ["serve"]), ("linux/arm64", ["/web"], ["serve"]),
                ("windows/amd64", ["web.exe"], nil), ("unknown/unknown", nil, nil),
            ])
            bench.registry.play { image.reply($0.path) }
            #expect(await bench.command() == .success(web))
            #expect(bench.registry.paths.count == 5)
        }
    }

    @Test func differentCommandsAreRefusedUnlessThePodSaysWhichItRuns() async throws {
        try await RegistryBench.with { bench in
            let image = PlayedImage(index: [("linux/amd64", ["/web"], ["serve"]), ("linux/arm64", ["/other"], nil)])
            bench.registry.play { image.reply($0.path) }
            let both = await bench.command()
            #expect(both == .failure(.differentCommands("linux/amd64", "linux/arm64")))
            #expect(await bench.command(architectures: ["amd64"]) == .success(web))
            #expect(
                await bench.command(architectures: ["arm64"]) == .success(ImageCommand(entrypoint: ["/other"], cmd: []))
            )
            #expect(await bench.command(architectures: ["s390x"]) == .failure(.noPlatform))
        }
    }

    @Test func largeAndNestedIndexesAreRefused() async throws {
        try await RegistryBench.with { bench in
            let wide = PlayedImage(index: (0..<65).map { ("linux/a\($0)", ["/web"], nil) })
            bench.registry.play { wide.reply($0.path) }
            #expect(await bench.command() == .failure(.tooManyPlatforms))
            #expect(bench.registry.paths.count == 1)

            // An index whose entry says that it is an image, and is the index's like again.
            let inner = PlayedImage(index: [("linux/amd64", ["/web"], nil)])
            let outer = PlayedImage(top: [
                "manifests": [["digest": .string(inner.digest), "platform": ["os": "linux", "architecture": "amd64"]]]
            ])
            bench.registry.play { request in
                request.path.hasSuffix(inner.digest) ? inner.reply(request.path) : outer.reply(request.path)
            }
            #expect(await bench.command("shop/nested") == .failure(.nestedIndex))
        }
    }

    @Test func contentOfAnotherDigestIsRefused() async throws {
        try await RegistryBench.with { bench in
            let image = PlayedImage(index: [("linux/amd64", ["/web"], nil)])
            let evil = PlayedImage(["/evil"], nil)
            bench.registry.play { request in
                request.path.contains("/blobs/")
                    ? .init(body: evil.blobs.values.first ?? []) : image.reply(request.path)
            }
            #expect(await bench.command() == .failure(.digestMismatch(.configuration)))
            bench.registry.play { request in
                request.path.contains("sha256:") ? .init(body: evil.top) : image.reply(request.path)
            }
            #expect(await bench.command("shop/web:2") == .failure(.digestMismatch(.manifest)))
            #expect(await bench.command("shop/web@\(image.digest)") == .failure(.digestMismatch(.manifest)))
        }
    }

    @Test(arguments: [
        (404, ImageError.notFound), (403, .denied(status: 403)), (429, .throttled), (500, .status(500)),
        (301, .manifestRedirected(host: nil)),
    ])
    func everyStatusHasItsSentence(status: Int, error: ImageError) async throws {
        try await RegistryBench.with { bench in
            bench.registry.play { _ in .init(status: status) }
            #expect(await bench.command() == .failure(error))
            let sentence = error.sentence(image: "shop/web")
            #expect(sentence == "of image 'shop/web': \(error)")
            // Remembered for a few seconds.
            #expect(await bench.command() == .failure(error))
            #expect(bench.registry.paths.count == 1)
        }
    }

    @Test func hugeAnswersAreNotTaken() async throws {
        try await RegistryBench.with { bench in
            bench.registry.play { _ in .init(body: [UInt8](repeating: 0x20, count: RegistryClient.maximumBytes + 1)) }
            #expect(await bench.command() == .failure(.tooLarge))
        }
    }

    @Test func deepAnswersAreRefused() async throws {
        try await RegistryBench.with { bench in
            bench.registry.play { _ in .json(String(repeating: "{\"config\":", count: 100_000)) }
            #expect(await bench.command() == .failure(.malformedAnswer(.manifest)))
        }
    }

    @Test func aSlowRegistryEndsTheWaitAndHelpsTheNext() async throws {
        try await RegistryBench.with { bench in
            let image = PlayedImage(["/web"], ["serve"])
            let isHeld = Shared(true)
            bench.registry.play { request in
                while isHeld.value { usleep(1000) }
                return image.reply(request.path)
            }
            #expect(await bench.command(within: .milliseconds(50)) == .failure(.timeout))
            isHeld.set(false)
            #expect(await bench.command() == .success(web))
            #expect(bench.registry.paths.count == 2)
        }
    }

    @Test func thoseWhoAskAtTheSameTimeShareOneLookup() async throws {
        try await RegistryBench.with { bench in
            let image = PlayedImage(["/web"], ["serve"])
            let isHeld = Shared(true)
            bench.registry.play { request in
                while isHeld.value { usleep(1000) }
                return image.reply(request.path)
            }
            await withTaskGroup(of: Result<ImageCommand, ImageError>.self) { group in
                for _ in 0..<200 { group.addTask { await bench.command() } }
                while bench.registry.paths.isEmpty { await Task.yield() }
                isHeld.set(false)
                for await result in group { #expect(result == .success(web)) }
            }
            #expect(bench.registry.paths.count == 2)
        }
    }

    @Test func dryRunsAskNobody() async throws {
        try await RegistryBench.with { bench in
            let image = PlayedImage(["/web"], ["serve"])
            bench.registry.play { image.reply($0.path) }
            func dryRun() async -> Result<ImageCommand, ImageError> {
                await bench.reader.command(
                    of: "\(bench.registry.host)/shop/web", platforms: ImagePlatforms(), pullSecrets: [],
                    onlyKnown: true, deadline: .now + .seconds(20))
            }
            #expect(await dryRun() == .failure(.notCached))
            #expect(bench.registry.requests.isEmpty)
            #expect(await bench.command() == .success(web))
            let count = bench.registry.requests.count
            #expect(await dryRun() == .success(web))
            #expect(bench.registry.requests.count == count)
        }
    }

    @Test func nothingUnlistedIsAsked() async throws {
        try await RegistryBench.with { bench in
            let other = try PlayedRegistry()
            defer { other.stop() }
            for image in [
                "\(other.host)/a", "localhost:\(bench.registry.port)/a", "127.0.0.1/a", "a", "[::1]:\(other.port)/a",
            ] {
                let result = await bench.reader.command(
                    of: image, platforms: ImagePlatforms(), pullSecrets: [], deadline: .now + .seconds(5))
                guard case .failure(.notListed) = result else {
                    Issue.record("\(image): \(result)")
                    continue
                }
                #expect(!bench.reader.isListed(image))
            }
            #expect(other.requests.isEmpty && bench.registry.requests.isEmpty)
        }
    }
}
