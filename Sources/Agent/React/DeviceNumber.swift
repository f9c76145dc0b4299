/// The number of a file system, as stat(2) gives it and mountinfo writes it.
struct DeviceNumber: CustomStringConvertible {
    /// `major:minor`.
    let description: String

    /// Takes a `dev_t` apart as glibc's `major` and `minor` do.
    init(_ device: UInt) {
        let major = (device >> 8) & 0xFFF | (device >> 32) & ~0xFFF
        let minor = device & 0xFF | (device >> 12) & ~0xFF & 0xFFFF_FFFF
        description = "\(major):\(minor)"
    }

    func isWritten(as field: ArraySlice<UInt8>) -> Bool { field.elementsEqual(description.utf8) }
}
