import Testing

@testable import Webhook

@Suite struct ImageReferenceTests {
    private static let digest = "sha256:" + String(repeating: "0a", count: 32)

    @Test(arguments: [
        ("busybox", "docker.io/library/busybox:latest"), ("busybox:1.36", "docker.io/library/busybox:1.36"),
        ("grafana/grafana", "docker.io/grafana/grafana:latest"),
        ("docker.io/busybox", "docker.io/library/busybox:latest"),
        ("index.docker.io/library/busybox", "docker.io/library/busybox:latest"),
        ("docker.io/a/b:c", "docker.io/a/b:c"), ("localhost/a", "localhost/a:latest"),
        ("localhost:5000/a/b__c/d--e.f_g:T_1.2-x", "localhost:5000/a/b__c/d--e.f_g:T_1.2-x"),
        ("localhost:5000", "docker.io/library/localhost:5000"), ("Registry.Example/a", "registry.example/a:latest"),
        ("LOCALHOST/a", "localhost/a:latest"), ("10.0.0.5:443/a", "10.0.0.5:443/a:latest"),
        ("[::1]:5000/a", "[::1]:5000/a:latest"),
        ("ghcr.io/a/b@\(digest)", "ghcr.io/a/b@\(digest)"), ("ghcr.io/a/b:1@\(digest)", "ghcr.io/a/b@\(digest)"),
        ("a@\(digest)", "docker.io/library/a@\(digest)"),
        (
            "a@sha512:" + String(repeating: "f", count: 128),
            "docker.io/library/a@sha512:" + String(repeating: "f", count: 128)
        ),
    ])
    func referencesAreReadAsTheKubeletDoes(text: String, expected: String) throws {
        #expect(try ImageReference(parsing: text).description == expected)
    }

    @Test(arguments: [
        ("", ImageReferenceProblem.empty), (" a", .illegalCharacter), ("a\n", .illegalCharacter),
        ("ä", .illegalCharacter),
        ("A", .repository), ("a/B", .repository), ("a//b", .repository), ("a/", .repository), ("/a", .repository),
        ("a..b/c", .host), ("-a.b/c", .host), ("a.b:0/c", .host), ("a.b:66000/c", .host), ("a.b:080/c", .host),
        ("user@host.b/c", .digest), ("http://a.b/c", .host), ("a.b?x/c", .host), ("a.b#/c", .host),
        ("a___b", .repository), ("a._b", .repository), ("-a", .repository), ("a-", .repository), ("a%2f", .repository),
        ("a/../b", .repository), ("a/./b", .repository), ("a?b", .repository),
        ("a:", .tag), ("a:-x", .tag), ("a:\(String(repeating: "x", count: 129))", .tag), ("a:b:c", .repository),
        ("a@sha256:abc", .digest), ("a@sha256:" + String(repeating: "A", count: 64), .digest), ("a@md5:00", .digest),
        ("a@\(digest)@\(digest)", .digest), ("@\(digest)", .repository),
        (String(repeating: "a", count: 64), .identifier), ("b/\(String(repeating: "a", count: 256))", .repository),
        (String(repeating: "a", count: 1025), .tooLong),
    ])
    func whatIsNoReferenceIsRefused(text: String, problem: ImageReferenceProblem) {
        #expect(throws: problem) { try ImageReference(parsing: text) }
        #expect(problem.description.count > 5)
    }

    @Test(arguments: [
        ("Docker.io", "docker.io"), ("index.docker.io", "docker.io"), ("registry-1.docker.io", "docker.io"),
        ("R.example:5000", "r.example:5000"), ("https://r.example", nil), ("r.example/a", nil), ("", nil),
        ("*.io", nil),
    ])
    func operatorsHostsAreChecked(text: String, expected: String?) {
        #expect(RegistryHost.registry(text) == expected)
    }

    @Test(arguments: [
        ("CDN.example", "cdn.example"), ("*.cdn.example:8443", "*.cdn.example:8443"),
        ("a-*.s3.*.amazonaws.com", "a-*.s3.*.amazonaws.com"),
        ("*", nil), ("*.com", nil), ("x.*", nil), ("*.c?m", nil), ("a.example/x", nil), ("", nil),
        ("10.0.0.5:5000", "10.0.0.5:5000"),
    ])
    func operatorsPatternsAreChecked(text: String, expected: String?) {
        #expect(RegistryHost.pattern(text) == expected)
    }

    @Test(arguments: [
        ("a.azurecr.io", "*.azurecr.io", true), ("a.b.azurecr.io", "*.azurecr.io", false),
        ("azurecr.io", "*.azurecr.io", false), ("a.azurecr.io.evil.example", "*.azurecr.io", false),
        ("a.azurecr.io:5000", "*.azurecr.io", false), ("a.azurecr.io:5000", "*.azurecr.io:5000", true),
        ("1.dkr.ecr.eu-west-1.amazonaws.com", "*.dkr.ecr.*.amazonaws.com", true),
        ("cdn03.quay.io", "cdn??.quay.io", true),
        ("cdn3.quay.io", "cdn??.quay.io", false), ("A.Example", "a.example", true), ("x", "*", true), ("", "*", true),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*a*a*a*a*a*a*c", false), ("[::1]:5000", "[::1]:5000", true),
    ])
    func hostsMatchLabelByLabel(host: String, pattern: String, isMatch: Bool) {
        #expect(RegistryHost.matches(host, pattern) == isMatch)
    }
}
