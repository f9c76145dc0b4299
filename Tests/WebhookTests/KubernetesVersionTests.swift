import Testing

@testable import Webhook

@Suite struct KubernetesVersionTests {
    @Test(arguments: [
        ("1.29", 29), ("v1.29", 29), ("v1.31.2", 31), ("v1.30.4-eks-a1b2c3d", 30), ("v1.29.3-gke.100", 29),
        ("v1.31.2+k3s1", 31), ("v1.28.0-rc.1+abc", 28), ("v1.27-4", 27), ("1.9", 9), ("v1.100.0", 100),
        ("v1.19.10-vk-azure-aci-1.4.8", 19),
    ])
    func versionsAreRead(text: String, minor: Int) {
        #expect(KubernetesVersion(parsing: text) == KubernetesVersion(major: 1, minor: minor))
    }

    @Test(arguments: [
        "", "v", "1", "1.", "v1.", ".29", "1.x", "vv1.29", "1.29x", "1.29.", "1.29-", "-1.29", "1.-29", "+1.29",
        "1.+29",
        " 1.29", "1.29 ", "1 .29", "V1.29", "1,29", "١.29", "1.99999", "99999.1", "1.92233720368547758070",
        "Kubernetes v1.29", "1.29\u{301}",
    ])
    func otherTextsAreNone(text: String) { #expect(KubernetesVersion(parsing: text) == nil) }

    @Test func versionsAreOrderedByNumber() {
        func version(_ text: String) -> KubernetesVersion? { KubernetesVersion(parsing: text) }
        let sorted = ["1.9", "1.28", "1.29", "1.100", "2.0"].compactMap(version)
        #expect(sorted.shuffled().sorted() == sorted && sorted.count == 5)
        #expect(sorted.map(\.runsNativeSidecars) == [false, false, true, true, true])
    }
}
