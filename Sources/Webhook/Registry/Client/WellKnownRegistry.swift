/// What is known of public registries that are spread over several hosts, so that an operator need not find it out.
///
/// Sources: docs.docker.com/desktop/setup/allow-list, docs.github.com (packages, `pkg-containers`), Azure's "Configure rules
/// to access an Azure container registry behind a firewall", AWS's "Amazon ECR interface VPC endpoints" (the bucket's name),
/// Red Hat's "Firewall changes for quay.io", GitLab's container registry settings.
struct WellKnownRegistry {
    let pattern: String
    /// Where its API is, if not at its own name.
    var endpoint: String?
    var tokenHosts: [String] = []
    var blobHosts: [String] = []

    /// The entry for a registry's host; hosts with a port have none.
    static func entry(for host: String) -> WellKnownRegistry? {
        table.first { RegistryHost.matches(host, $0.pattern) }
    }

    private static let table = [
        WellKnownRegistry(
            pattern: "docker.io", endpoint: "registry-1.docker.io", tokenHosts: ["auth.docker.io"],
            blobHosts: [
                "production.cloudflare.docker.com", "production.cloudfront.docker.com",
                "docker-images-prod.*.r2.cloudflarestorage.com",
            ]),
        WellKnownRegistry(pattern: "ghcr.io", blobHosts: ["pkg-containers.githubusercontent.com"]),
        WellKnownRegistry(pattern: "quay.io", blobHosts: ["cdn.quay.io", "cdn??.quay.io"]),
        WellKnownRegistry(
            pattern: "*.azurecr.io", blobHosts: ["*.blob.core.windows.net", "*.*.data.azurecr.io"]),
        WellKnownRegistry(pattern: "mcr.microsoft.com", blobHosts: ["*.data.mcr.microsoft.com"]),
        WellKnownRegistry(pattern: "gcr.io", blobHosts: ["storage.googleapis.com"]),
        WellKnownRegistry(pattern: "*.gcr.io", blobHosts: ["storage.googleapis.com"]),
        WellKnownRegistry(pattern: "*.pkg.dev", blobHosts: ["storage.googleapis.com"]),
        WellKnownRegistry(
            pattern: "*.dkr.ecr.*.amazonaws.com",
            blobHosts: ["prod-*-starport-layer-bucket.s3.*.amazonaws.com"]),
        WellKnownRegistry(
            pattern: "registry.gitlab.com", tokenHosts: ["gitlab.com"], blobHosts: ["cdn.registry.gitlab-static.net"]),
    ]
}
