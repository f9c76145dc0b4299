// swift-tools-version: 6.2
import PackageDescription

// `LATCHKEY_STATIC=1` links the agent as one fully static executable against the libcurl of `scripts/static-libcurl.sh`.
// Without it a plain `swift build` gives a dynamically linked agent, good enough for tests and debugging.
let linksStatically = Context.environment["LATCHKEY_STATIC"] == "1"

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// The functions that a run of the agent needs lie together: a quarter less resident memory. See
/// `scripts/agent-symbol-order.py`.
let symbolOrder = "\(Context.packageDirectory)/scripts/agent-symbol-order.txt"
let staticExecutable: [LinkerSetting] =
    linksStatically
    ? [
        .unsafeFlags([
            "-static-executable", "-use-ld=lld", "-Xlinker", "--symbol-ordering-file=\(symbolOrder)", "-Xlinker",
            "--no-warn-symbol-ordering",
        ])
    ] : []

/// SwiftNIO and its TLS, for the two servers (webhook, dev vault).
let serverDependencies: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]

func library(_ name: String, path: String? = nil, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: path ?? "Sources/\(name)", swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, path: "Tests/\(name)Tests",
        swiftSettings: swiftSettings)
}

let package = Package(
    name: "latchkey",
    products: [
        .executable(name: "latchkey-webhook", targets: ["latchkey-webhook"]),
        .executable(name: "latchkey-agent", targets: ["latchkey-agent"]),
        .executable(name: "latchkey", targets: ["latchkey"]),
        // For the packages in Benchmarks/ and Tests/Fuzz/, which see products alone.
        .library(name: "LatchkeyLibraries", targets: ["JSON", "YAML", "SecretSpec", "Injector"]),
        .library(name: "LatchkeyVaultClient", targets: ["VaultClient"]),
        .library(name: "LatchkeyWebhook", targets: ["Webhook"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        // System libraries, from Debian's -dev packages.
        .systemLibrary(
            name: "CCurl", path: "Sources/CCurl", pkgConfig: nil, providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "COpenSSL", path: "Sources/COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CYaml", path: "Sources/CYaml", providers: [.apt(["libyaml-dev"])]),

        // Leaves: no I/O.
        library("JSON"),
        library("YAML", ["JSON", "CYaml"]),
        library("SecretSpec", ["JSON"]),
        library("Injector", ["JSON", "SecretSpec"]),

        // The parts that do I/O.
        .target(name: "CCurlShim", dependencies: ["CCurl"], path: "Sources/CCurlShim"),
        library("VaultClient", ["JSON", "SecretSpec", "CCurl", "CCurlShim", "COpenSSL"]),
        .target(name: "CLinux", path: "Sources/CLinux"),
        library("Agent", ["JSON", "SecretSpec", "VaultClient", "CLinux"]),
        library(
            "Webhook",
            ["JSON", "YAML", "SecretSpec", "Injector", "VaultClient", "CLinux", "COpenSSL"] + serverDependencies),
        library("DevVault", ["JSON", "COpenSSL"] + serverDependencies),
        library(
            "LatchkeyCommand", path: "Sources/CommandLine",
            [
                "JSON", "YAML", "SecretSpec", "Injector", "VaultClient", "Webhook", "DevVault",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // Executables: a `main.swift` each that calls its library.
        .executableTarget(
            name: "latchkey-agent", dependencies: ["Agent"], path: "Sources/latchkey-agent",
            swiftSettings: swiftSettings, linkerSettings: staticExecutable),
        .executableTarget(
            name: "latchkey-webhook", dependencies: ["Webhook"], path: "Sources/latchkey-webhook",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "latchkey", dependencies: ["LatchkeyCommand"], path: "Sources/latchkey",
            swiftSettings: swiftSettings),

        // Tests.
        .executableTarget(
            name: "atomic-directory-writer", dependencies: ["Agent", "SecretSpec", "VaultClient"],
            path: "Tests/AtomicDirectoryWriter", swiftSettings: swiftSettings),
        .executableTarget(
            name: "main-process-signaller", dependencies: ["Agent", "CLinux", "SecretSpec"],
            path: "Tests/MainProcessSignaller", swiftSettings: swiftSettings),
        .target(
            name: "TestSupport", dependencies: ["JSON"], path: "Tests/TestSupport", swiftSettings: swiftSettings),
        tests("JSON", ["TestSupport"]),
        tests("YAML", ["JSON", "TestSupport"]),
        tests("SecretSpec", ["JSON", "TestSupport"]),
        tests("Injector", ["JSON", "SecretSpec", "TestSupport"]),
        tests("VaultClient", ["JSON", "SecretSpec", "COpenSSL", "TestSupport"]),
        tests(
            "Agent",
            [
                "JSON", "SecretSpec", "VaultClient", "DevVault", "TestSupport", "CLinux", "COpenSSL",
                "atomic-directory-writer", "main-process-signaller",
            ]),
        tests(
            "Webhook", ["JSON", "YAML", "Injector", "SecretSpec", "VaultClient", "TestSupport"] + serverDependencies),
        // `latchkey-exec` is built by scripts/exec.sh; these run it.
        .testTarget(
            name: "ExecTests", dependencies: ["SecretSpec", "TestSupport"], path: "Tests/ExecTests",
            swiftSettings: swiftSettings),
        tests("DevVault", ["JSON", "COpenSSL", "TestSupport"] + serverDependencies),
        // The dev vault as a process, for the suites in Python (Tests/Python).
        .executableTarget(
            name: "dev-vault-server", dependencies: ["DevVault", "JSON"], path: "Tests/DevVaultServer",
            swiftSettings: swiftSettings),
        .testTarget(
            name: "CommandLineTests",
            dependencies: ["LatchkeyCommand", "JSON", "YAML", "Injector", "VaultClient", "Webhook", "TestSupport"],
            path: "Tests/CommandLineTests", swiftSettings: swiftSettings),
    ]
)
