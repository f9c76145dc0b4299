/// The bounds of what a client can take up. Not configurable: they follow from how apiservers behave.
struct ServerLimits: Sendable {
    /// The largest review an apiserver was seen to send has 2.9 MB.
    var maximumBodyBytes = 7 << 20
    /// Names and values of all header fields.
    var maximumHeadBytes = 16 << 10
    var maximumHeaderCount = 64
    /// Bodies up to this size are received whatever else goes on.
    var freeBodyBytes = 64 << 10
    /// What larger bodies may hold together while they are received.
    var sharedBodyBytes = 64 << 20
    /// From the connection's start, or a request's first byte, to the end of its head. TLS is part of it.
    var headTimeout: Duration = .seconds(10)
    /// From the head to the body's last byte.
    var bodyTimeout: Duration = .seconds(10)
    /// Until the client has taken its answer.
    var writeTimeout: Duration = .seconds(10)
    /// Longer than the 90 s that an apiserver keeps an idle connection: who closes first breaks requests under way.
    var idleTimeout: Duration = .seconds(120)
    /// How long a connection that was answered too early is still read from, so that the answer is not lost to a reset.
    var lingerTimeout: Duration = .seconds(1)
    /// Above this size a body is decided about beside the event loop.
    var inlineBodyBytes = 512 << 10
    /// Connections at one time.
    var maximumConnections = 1000
}
