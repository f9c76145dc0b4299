import CExec

enum Output {
    /// Writes all of it, or what can be written: where nobody reads there is nobody to tell.
    static func write(_ bytes: Bytes, to descriptor: CInt) {
        var rest = bytes
        while rest.count > 0 {
            let written = lk_write(descriptor, rest.address, rest.count)
            if written == -Int(LK_EINTR.rawValue) { continue }
            guard written > 0 else { return }
            rest = rest.dropping(written)
        }
    }

    static func write(_ text: StaticString, to descriptor: CInt) {
        write(Bytes(text), to: descriptor)
    }
}
