/// The proxy that HTTPS connections go through, and where they do not.
public struct ProxyOptions: Sendable, Equatable {
    /// URL of the proxy, e.g. `http://proxy:3128`; nil for none. It may hold a password and is never shown.
    public var https: String?
    /// Hosts, `.suffixes` and networks (`10.0.0.0/8`) that are reached directly, separated by commas; `*` for all.
    public var exceptions: String?

    /// A proxy; without arguments none.
    public init(https: String? = nil, exceptions: String? = nil) {
        self.https = https
        self.exceptions = exceptions
    }

    /// What `HTTPS_PROXY` and `NO_PROXY` say, in upper or lower case; lower case counts where both are set, as in curl.
    public init(environment: [String: String]) {
        func value(_ name: String) -> String? {
            [name.lowercased(), name].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        https = value("HTTPS_PROXY")
        exceptions = value("NO_PROXY")
    }
}
