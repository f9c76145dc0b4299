internal import CCurl
internal import CCurlShim
internal import COpenSSL

/// What the C libraries want to be told once in a process, before anything else uses them.
public enum ProcessSetup {
    /// Sets up libcurl, OpenSSL and, in a static executable, the name service. ``HTTPClient`` calls it by itself; an
    /// executable that uses OpenSSL before should call it first.
    public static func run() {
        _ = once
    }

    private static let once: Void = {
        if lk_is_static_executable() != 0 {
            // A static program may run in somebody else's root file system: glibc would load that system's name
            // service modules and OpenSSL its configuration, both built for other versions of themselves.
            _ = lk_nss_configure_hosts()
            OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil)
        }
        curl_global_init(Int(CURL_GLOBAL_ALL))
    }()
}
