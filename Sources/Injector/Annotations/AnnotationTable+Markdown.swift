extension AnnotationTable {
    /// The page `docs/annotations.md`.
    static var markdown: String {
        var lines = [
            "# Annotations",
            "",
            "<!-- Made from Sources/Injector/Annotations/AnnotationTable.swift by `make docs`; do not edit. -->",
            "",
            "All keys begin with `\(prefix)` and stand on the pod (in a Deployment, StatefulSet, DaemonSet, Job or",
            "CronJob: on the pod template). A key that is not in this table, and a value that cannot be read, deny the",
            "pod; every problem is named at once.",
            "",
            "| key | value | if absent | meaning |",
            "|---|---|---|---|",
        ]
        for row in all {
            let cells = [
                "`\(row.documentedKey)`", escape(row.accepted), escape(row.absent), escape(row.meaning),
            ]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func escape(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
