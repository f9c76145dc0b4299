/// PKCS#12 whose certificates are encrypted with 40-bit RC2, as `openssl pkcs12 -export -legacy` writes it.
enum LegacyPKCS12 {
    static let base64 = """
        MIIDegIBAzCCA0AGCSqGSIb3DQEHAaCCAzEEggMtMIIDKTCCAh8GCSqGSIb3DQEHBqCCAhAwggIMAgEAMIICBQYJKoZIhvcNAQcB
        MBwGCiqGSIb3DQEMAQYwDgQItsh4Xll7lhECAggAgIIB2HWFyu2vbvlOSvhEvlfUOaLalTiR4sDAzz6V6+ZJxsoflXOr5Ic1aR5Z
        luErFTpXvmk8Bkva1GlBERnpzIF28e9k6fuv2oz/NfORIyI+jbA2VKCCupIq+TaS13oZnEPNjbD7yhbWFz7Uo3ro/KwMMC9oAku4
        KDG+cPefkqQPzVN99ftnjFnSmw+cjVBviRnD8VJ+cKylxvq9BUDdui6kQR/li2EhxCGztT9bW+ApMZmo9VBjvejf3+1dUwIP+0ZY
        5YruVMgFXosDmBQSKivBd7gL5b9tUTk8WepUYd4dcMPyMhyYi84IZswqDj9jXM0X+tcDDz2w0xFRB/coo3Qblc6n26u0GK6Dwa56
        BTuXQljjyOnqP6B30cXvIfl7qU9zvkjCNDINtOzL9oMLYAox5c+zgrJ3uKpwG0DiOa61ghp16Svh7Cm0ELy98iYhGlMsqVUnuHVs
        E6RvBvOc60FQ5Cn2fk7bnuI/x7aCoRGY3igDLxdh2f9fdCWIGLgYw4YPG2/vjGS2LWE9gutcM+Q+4sVEtWL55GaXBynBwoKqOa7K
        DWbJQVThxbWSrdn8IzC6Q933qgFPydwxEDijOnfbn6UwrvJNI9WK6135KaW6WRePRG4PLLFP6VYwggECBgkqhkiG9w0BBwGggfQE
        gfEwge4wgesGCyqGSIb3DQEMCgECoIG0MIGxMBwGCiqGSIb3DQEMAQMwDgQIZFAmLbnDMeACAggABIGQi77yQ/vt8y0s7s48jdge
        TuKWv0GAZeGXOj60WeAkInkB8OVRcXRacOpnc21VjLD2dMjxHqzj2I1fJ7um2lgQY/x3vUhbeD7hBKiWgn1TlQZmUl1vWWMHFfrx
        iJRsMbtcecMmF0vVN/lHBJmdkSga28PDeJpZlcm2sTskwxcwsYzPqbTCyLEZF0gVF430/vUaMSUwIwYJKoZIhvcNAQkVMRYEFKhh
        ZkI/3yceSVFBpLPNDJ+5Wa9fMDEwITAJBgUrDgMCGgUABBSotxQ2sZaZT8Xcq3951La6Hn8xvQQIZ6ftNra/9+UCAggA
        """
}
