/// Why OpenSSL would not do something.
enum CryptoError: Error, Equatable {
    /// The bytes are no key, certificate or container of a kind that is taken here.
    case malformed
    /// The algorithm does not go with the key.
    case wrongAlgorithm
    /// The operation itself failed, e.g. a ciphertext that was not made with this key.
    case failed
}
