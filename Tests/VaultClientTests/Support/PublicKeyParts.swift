import COpenSSL
import Foundation
import JSON
import Testing

/// A public key taken apart by other means than the code under test.
struct PublicKeyParts: Equatable {
    var numbers: [String: [UInt8]] = [:]
    var curve: String?

    init(pem: String) throws {
        let bio = BIO_new_mem_buf(pem, Int32(pem.utf8.count))
        defer { BIO_free(bio) }
        let key = try #require(PEM_read_bio_PUBKEY(bio, nil, nil, nil))
        defer { EVP_PKEY_free(key) }
        for (name, jwk) in [("n", "n"), ("e", "e"), ("qx", "x"), ("qy", "y")] {
            var number: OpaquePointer?
            guard EVP_PKEY_get_bn_param(key, name, &number) == 1, let number else { continue }
            var bytes = [UInt8](repeating: 0, count: Int(BN_num_bits(number) + 7) / 8)
            BN_bn2bin(number, &bytes)
            numbers[jwk] = bytes
            BN_free(number)
        }
        var group = [CChar](repeating: 0, count: 64)
        var length = 0
        if EVP_PKEY_get_utf8_string_param(key, "group", &group, 64, &length) == 1 {
            curve = String(decoding: group.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        ERR_clear_error()
    }

    init(jwk: JSONValue) throws {
        for name in ["n", "e", "x", "y"] {
            guard let text = jwk[name]?.string else { continue }
            let padded = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
            let data = try #require(
                Data(base64Encoded: padded + String(repeating: "=", count: (4 - padded.count % 4) % 4)))
            numbers[name] = Array(data.drop { $0 == 0 })
        }
        // One recording of an RSA key has a curve, too.
        guard numbers["x"] != nil else { return }
        let names = ["P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1", "P-256K": "secp256k1"]
        curve = jwk["crv"]?.string.flatMap { names[$0] }
    }
}
