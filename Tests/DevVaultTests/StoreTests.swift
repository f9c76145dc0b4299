import Foundation
import JSON
import Testing

@testable import DevVault

/// What the store keeps, and the life of its objects.
@Suite struct StoreTests {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("devvault-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    var path: String { folder.appendingPathComponent("vault.json").path }

    func fault<Result>(_ body: () throws(KeyVaultFault) -> Result) -> String? {
        do throws(KeyVaultFault) { _ = try body() } catch { return error.innerCode ?? error.code }
        return nil
    }

    @Test func stateIsReadBack() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var first: DevVaultStore? = try DevVaultStore(file: path, vaults: ["shop"])
        let version = try first?.setSecret("db", value: "caf\u{65}\u{301}\n\u{0}", vault: "shop", tags: [("a", "b")])
        try first?.createKey("key", .ec(curve: "P-256"), vault: "shop")
        try first?.createCertificate("web", subject: "CN=web", vault: "shop")
        try first?.setSecret("gone", value: "x", vault: "shop")
        try first?.deleteSecret("gone", vault: "shop")
        let before = try first?.read("shop") { vault in vault.objects }
        let signer = try first?.signingKey.publicJWK().map(\.value)
        first = nil
        let second = try DevVaultStore(file: path, vaults: ["shop"])
        let after = try second.read("shop") { vault in vault.objects }
        for kind in ObjectKind.allCases {
            let old = (before?[kind] ?? [:]).mapValues(\.json)
            #expect(old == (after[kind] ?? [:]).mapValues(\.json))
            #expect(!old.isEmpty)
        }
        let secret = try second.read("shop") { (vault) throws(KeyVaultFault) in try vault.active(.secrets, "DB") }
        #expect(secret.latest?.id == version)
        guard case .secret(let value, _)? = secret.latest?.content else {
            Issue.record("no secret")
            return
        }
        #expect(Array(value.utf8) == Array("caf\u{65}\u{301}\n\u{0}".utf8))
        #expect(try second.signingKey.publicJWK().map(\.value) == signer)
    }

    @Test func onlyTheOwnerReadsTheFile() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try DevVaultStore(file: path, vaults: ["shop"])
        try store.setSecret("db", value: "x", vault: "shop")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func twoProcessesNeverShareAFile() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try DevVaultStore(file: path, vaults: ["shop"])
        #expect(throws: DevVaultError.stateInUse(path: path)) { try DevVaultStore(file: path, vaults: ["shop"]) }
        #expect(store.hasVault("SHOP"))
    }

    /// A kill between the write and the rename leaves a part of a file under another name.
    @Test func leftoversOfAKilledWriterDoNotMatter() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            let store = try DevVaultStore(file: path, vaults: ["shop"])
            try store.setSecret("db", value: "one", vault: "shop")
        }
        try Data("{\"version\":1,\"vau".utf8).write(to: URL(fileURLWithPath: path + ".tmp"))
        let store = try DevVaultStore(file: path, vaults: ["shop"])
        #expect(try store.secretNames(vault: "shop") == ["db"])
        try store.setSecret("db2", value: "two", vault: "shop")
        #expect(!FileManager.default.fileExists(atPath: path + ".tmp"))
    }

    @Test(arguments: ["", "{", "[]", "{\"version\":2}", "{\"version\":1,\"vaults\":{\"shop\":{\"secrets\":[{}]}}}"])
    func brokenStateIsNotOverwritten(text: String) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: DevVaultError.self) { try DevVaultStore(file: path, vaults: ["shop"]) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(text.utf8))
    }

    @Test func aChangeThatCannotBeWrittenIsNoChange() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try DevVaultStore(file: path, vaults: ["shop"])
        try FileManager.default.createDirectory(atPath: path + ".tmp", withIntermediateDirectories: false)
        #expect(fault { () throws(KeyVaultFault) in try store.setSecret("a", value: "x", vault: "shop") } != nil)
        #expect(try store.secretNames(vault: "shop").isEmpty)
    }

    @Test func softDeletion() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try DevVaultStore(file: nil, vaults: ["shop"])
        func set() throws(KeyVaultFault) { try store.setSecret("a", value: "x", vault: "shop") }
        func delete() throws(KeyVaultFault) { try store.deleteSecret("a", vault: "shop") }
        func recover() throws(KeyVaultFault) { try store.recoverSecret("a", vault: "shop") }
        func purge() throws(KeyVaultFault) { try store.purgeSecret("a", vault: "shop") }
        #expect([fault(delete), fault(recover), fault(purge)] == Array(repeating: "SecretNotFound", count: 3))
        try set()
        #expect([fault(recover), fault(purge)] == Array(repeating: "SecretNotFound", count: 2))
        try delete()
        #expect([fault(delete), fault(set)] == ["SecretNotFound", "ObjectIsDeletedButRecoverable"])
        try recover()
        try set()
        try delete()
        try purge()
        #expect(fault(recover) == "SecretNotFound")
        try set()
    }

    @Test func aDeletionThatTakesPolls() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var vault = Vault()
        let content = StoredVersion.Content.secret(value: "x", contentType: nil)
        let version = StoredVersion(id: "v", attributes: ObjectAttributes(now: 5), content: content)
        try vault.add(version, .secrets, "a")
        try vault.delete(.secrets, "a", now: 10, polls: 2)
        #expect(vault[.secrets, "A"]?.deletion == .init(date: 10, scheduledPurge: 10 + 90 * 86400))
        func check() -> String? { fault { () throws(KeyVaultFault) in try vault.checkWritable(.secrets, "a") } }
        #expect(check() == "ObjectIsBeingDeleted")
        #expect(fault { () throws(KeyVaultFault) in try vault.purge(.secrets, "a") } == "ObjectIsBeingDeleted")
        for _ in 0..<2 {
            #expect(fault { () throws(KeyVaultFault) in try vault.pollDeleted(.secrets, "a") } == "SecretNotFound")
        }
        #expect(try vault.pollDeleted(.secrets, "a").name == "a")
        #expect(check() == "ObjectIsDeletedButRecoverable")
        _ = try vault.recover(.secrets, "a", polls: 1)
        #expect(check() == "ObjectIsBeingRecovered")
        #expect(fault { () throws(KeyVaultFault) in try vault.poll(.secrets, "a") } == "SecretNotFound")
        try vault.poll(.secrets, "a")
        #expect(check() == nil)
    }

    @Test(arguments: ["", "a_b", "a b", "\u{e4}", "a/b", String(repeating: "a", count: 128)])
    func badNames(name: String) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try DevVaultStore(file: nil, vaults: ["shop"])
        let code = fault { () throws(KeyVaultFault) in try store.setSecret(name, value: "", vault: "shop") }
        #expect(code == "BadParameter")
    }
}
