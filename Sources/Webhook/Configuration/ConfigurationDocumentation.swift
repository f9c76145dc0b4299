/// The reference page, made from the table. `docs/configuration.md` holds it; a test fails where the two differ.
enum ConfigurationDocumentation {
    /// The page as Markdown.
    static func page() -> String {
        var lines = [
            "# Configuration of the webhook", "",
            "<!-- Generated from Sources/Webhook/Configuration/ConfigurationTable.swift. Do not edit; run the tests of",
            "     WebhookTests with LATCHKEY_UPDATE_DOCS=1 to write it anew. -->", "",
            "`latchkey-webhook --config FILE` reads one YAML file. Every problem is reported at once with its key, what was",
            "found and what is accepted; an unknown key is an error. `--check-config` checks the file and the certificate and",
            "exits with 0 or 1. A change needs a restart, but for the certificate files, which are taken over while running.",
            "",
        ]
        lines += table(WebhookConfiguration.keys, prefix: "")
        lines += ["", "Each element of `azure.vaults`:", ""]
        lines += table(AzureVaultEntry.keys, prefix: "azure.vaults[].")
        lines += ["", "Each element of `registries`:", ""]
        lines += table(RegistryEntry.keys, prefix: "registries[].")
        lines += [
            "", "## Flags", "", "A flag overrides its key; `--flag value` and `--flag=value` are the same.", "",
            "| flag | key |", "|---|---|", "| `--config FILE` | the file itself |",
        ]
        for key in WebhookConfiguration.keys {
            if let flag = key.flag { lines.append("| `\(flag)` | `\(key.path)` |") }
        }
        lines += ["| `--check-config`, `--help`, `--version` | do that and exit |", ""]
        lines += fixedLimits
        lines += signals
        return lines.joined(separator: "\n") + "\n"
    }

    private static func table<Target>(_ keys: [ConfigurationKey<Target>], prefix: String) -> [String] {
        ["| key | accepted | default | meaning |", "|---|---|---|---|"]
            + keys.map { key in
                let standard =
                    key.isRequired ? "**required**" : key.defaultText.map(code) ?? "none"
                return "| `\(prefix)\(key.path)` | \(key.accepted) | \(standard) | \(key.summary) |"
            }
    }

    private static func code(_ text: String) -> String {
        text.contains(" ") || text == "in-cluster" ? text : "`\(text)`"
    }

    private static var fixedLimits: [String] {
        let limits = ServerLimits()
        return [
            "## Fixed limits", "",
            "| what | limit | then |", "|---|---|---|",
            "| body of a review | \(QuantityText.format(limits.maximumBodyBytes)) | 413 |",
            "| head of a request | \(QuantityText.format(limits.maximumHeadBytes)), \(limits.maximumHeaderCount) fields | 431 |",
            "| bodies above \(QuantityText.format(limits.freeBodyBytes)) being received at one time | "
                + "\(QuantityText.format(limits.sharedBodyBytes)) together | 503 |",
            "| TLS handshake and head | \(DurationText.format(limits.headTimeout)) | closed |",
            "| body | \(DurationText.format(limits.bodyTimeout)) | 408 |",
            "| client that does not take its answer | \(DurationText.format(limits.writeTimeout)) | closed |",
            "| idle connection (an apiserver keeps its own for 90 s) | \(DurationText.format(limits.idleTimeout)) | closed |",
            "| read of a ServiceAccount | \(DurationText.format(ServiceAccountReader.callerTimeout)) | the pod is denied |",
            "",
        ]
    }

    private static let signals = [
        "## Signals", "",
        "- SIGTERM, SIGINT: drain, then exit with 0. `/readyz` answers 503 at once; for `server.drainDelay` the listener",
        "  goes on accepting; then open connections have `server.drainTimeout`. A second signal ends it at once.",
        "- SIGHUP: look for a changed certificate now.", "",
        "## Probes", "",
        "Use the metrics port (plain HTTP) for the kubelet's probes. `/livez` says that the process answers. `/readyz` says",
        "that the certificate is valid now, that the process is not draining and, with `cluster.version: auto`, that the",
        "kubelets' versions are known, or cannot be, or were waited for \(DurationText.format(KubeletWatch.Timing().settleTimeout)).",
        "",
        "## Version of the cluster", "",
        "With `cluster.version: auto` the nodes' `status.nodeInfo.kubeletVersion` is read at start and about every "
            + "\(DurationText.format(KubeletWatch.Timing().interval));",
        "the oldest one counts, virtual nodes' too. Until it is known, where no node states one, and where one states what is",
        "no version, pods get the older shape, which works on every version, but for Jobs' pods that ask for `refresh`: they",
        "are denied. Where a later read fails, pods keep the shape that they have. The log says so once with what to do, and",
        "`latchkey_native_sidecars` shows it.", "",
        "While a cluster is upgraded across 1.29, replicas of the webhook may know different versions for some minutes. Pods",
        "of one workload may then differ in shape; each of them works, and where the apiserver asks two replicas about one",
        "pod the last one decides as a whole. State the version to avoid it, and before adding nodes older than 1.29 to newer",
        "ones: pods that land on them before they are seen would not start.",
    ]
}
