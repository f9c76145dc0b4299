// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "latchkey-benchmarks",
    dependencies: [
        .package(name: "latchkey", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    ],
    targets: [
        // In one process: JSON and the injector.
        .executableTarget(
            name: "latchkey-benchmark", dependencies: [.product(name: "LatchkeyLibraries", package: "latchkey")],
            swiftSettings: swiftSettings),
        // The webhook as `latchkey-webhook` is it, built here so that SwiftNIO is compiled once for both servers.
        .executableTarget(
            name: "webhook-server", dependencies: [.product(name: "LatchkeyWebhook", package: "latchkey")],
            swiftSettings: swiftSettings),
        // What the webhook is compared with: the same server without the webhook.
        .executableTarget(
            name: "floor-server",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], swiftSettings: swiftSettings),
    ]
)
