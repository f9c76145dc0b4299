import JSON
import Testing
import YAML

@Suite struct YAMLPrintTests {
    private func print(_ value: JSONValue) -> String {
        String(decoding: YAMLDocuments.print([value]), as: UTF8.self)
    }

    @Test("block style as kubectl prints it")
    func block() {
        let pod: JSONValue = [
            "kind": "Pod", "metadata": ["labels": [:], "annotations": ["a/b": "true"]],
            "spec": [
                "containers": [
                    ["name": "a", "args": ["-c", "set -e\necho\n"], "ports": []], [["x"], 1],
                ], "replicas": 1,
            ],
        ]
        #expect(
            print(pod) == """
                kind: Pod
                metadata:
                  labels: {}
                  annotations:
                    a/b: "true"
                spec:
                  containers:
                  - name: a
                    args:
                    - -c
                    - |
                      set -e
                      echo
                    ports: []
                  - - - x
                    - 1
                  replicas: 1

                """)
    }

    @Test("documents are parted by ---")
    func documents() {
        #expect(String(decoding: YAMLDocuments.print([["a": 1], "b"]), as: UTF8.self) == "a: 1\n---\nb\n")
        #expect(YAMLDocuments.print([]).isEmpty)
    }

    @Test(
        "quotes where the string would read back as something else, and only there",
        arguments: [
            ("abc", "abc"), ("a b", "a b"), ("10.0.0.1", "10.0.0.1"), ("nginx:1.27", "nginx:1.27"), ("-c", "-c"),
            ("--flag=1", "--flag=1"), (":8080", ":8080"), ("1Gi", "1Gi"), ("100m", "100m"), ("a#b", "a#b"),
            ("http://x/y?z", "http://x/y?z"), ("2>&1", "2>&1"), ("ä", "ä"), ("v1.2", "v1.2"), ("$(A)", "$(A)"),
            ("", "\"\""), ("yes", "\"yes\""), ("on", "\"on\""), ("y", "\"y\""), ("null", "\"null\""), ("~", "\"~\""),
            ("1", "\"1\""), ("0x1", "\"0x1\""), ("1e3", "\"1e3\""), ("1e400", "\"1e400\""), ("0o7", "\"0o7\""),
            ("1_0", "\"1_0\""), ("12:30:45", "\"12:30:45\""), ("8080:80", "\"8080:80\""), (".5", "\".5\""),
            ("2001-01-01", "\"2001-01-01\""), ("2001-01-01T00:00:00Z", "\"2001-01-01T00:00:00Z\""), ("=", "\"=\""),
            ("<<", "\"<<\""), (".inf", "\".inf\""), ("0644", "\"0644\""), (" a", "' a'"), ("a ", "'a '"),
            ("a: b", "'a: b'"), ("a #b", "'a #b'"), ("*", "'*'"), ("{{ x }}", "'{{ x }}'"), ("it's: x", "'it''s: x'"),
            ("a:", "'a:'"), ("- a", "'- a'"), ("-", "'-'"), ("---", "'---'"), ("a\tb", "\"a\\tb\""),
            ("a\r\nb", "\"a\\r\\nb\""), ("\u{1B}", "\"\\x1B\""), ("\u{2028}", "\"\\u2028\""), ("\n", "\"\\n\""),
            ("a\nb", "|-\n  a\n  b"), ("a\n\n", "|+\n  a\n"), (" a\nb\n", "|2\n   a\n  b"), ("a\nb ", "\"a\\nb \""),
        ])
    func quoting(text: String, yaml: String) {
        #expect(print(.string(text)) == yaml + "\n")
    }
}
