// swift-tools-version: 6.2
import PackageDescription

// Built by `scripts/fuzz.sh` with libFuzzer and AddressSanitizer; without them it does not link.
let package = Package(
    name: "latchkey-fuzz",
    dependencies: [.package(name: "latchkey", path: "../..")],
    targets: [
        .target(name: "CLibFuzzer"),
        .executableTarget(
            name: "LatchkeyFuzz",
            dependencies: [
                "CLibFuzzer",
                .product(name: "LatchkeyLibraries", package: "latchkey"),
                .product(name: "LatchkeyVaultClient", package: "latchkey"),
            ],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .treatAllWarnings(as: .error),
            ]),
    ]
)
