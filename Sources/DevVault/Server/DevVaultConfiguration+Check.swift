extension DevVaultConfiguration {
    /// Refuses what could not work later.
    func check() throws(DevVaultError) {
        guard !vaults.isEmpty else { throw .configuration(key: "vaults", expected: "at least one vault") }
        for vault in vaults {
            let isName = vault.name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: "-")
            }
            guard isName, (1...63).contains(vault.name.utf8.count) else {
                throw .configuration(key: "vaults.name", expected: "letters, digits and hyphens, not \(vault.name)")
            }
        }
        guard Set(vaults.map { $0.name.lowercased() }).count == vaults.count else {
            throw .configuration(key: "vaults.name", expected: "each name once")
        }
        if let defaultVault, !vaults.contains(where: { $0.name.lowercased() == defaultVault.lowercased() }) {
            throw .configuration(key: "defaultVault", expected: "the name of one of the vaults")
        }
        guard (0...65535).contains(port) else { throw .configuration(key: "port", expected: "0 to 65535") }
        guard (0...86400 * 365).contains(tokenLifetime) else {
            throw .configuration(key: "tokenLifetime", expected: "seconds, at most a year")
        }
    }
}
