import VaultClient

/// Reads manifests and blobs from one registry (OCI distribution specification, "Pull").
///
/// A credential goes to the registry's own origin and to listed token endpoints, nowhere else.
struct RegistryClient: Sendable {
    /// The longest manifest and the longest configuration that are read.
    static let maximumBytes = 4 << 20

    /// Who reads which repository until when.
    struct Access: Sendable {
        let image: ImageReference
        let credential: RegistryCredential?
        let deadline: ContinuousClock.Instant

        fileprivate var key: AuthorizationCache.Key {
            AuthorizationCache.Key(repository: image.repository, credential: credential?.identity)
        }
    }

    let endpoint: RegistryEndpoint
    private let client: HTTPClient
    private let authorizations = AuthorizationCache()

    init(_ registry: RegistryConfiguration.Registry, _ configuration: RegistryConfiguration) throws(ImageError) {
        endpoint = RegistryEndpoint(registry)
        var options = HTTPOptions(
            caFile: configuration.systemCAFile, connectTimeout: configuration.timeout,
            requestTimeout: ImageConfigReader.lookupTimeout(configuration), maximumResponseBytes: Self.maximumBytes,
            maximumConnectionsPerHost: 8, proxy: configuration.proxy)
        if let caFile = registry.caFile {
            guard let content = try? SmallFile.read(caFile) else { throw .caFile(caFile) }
            options.extraCABundle = String(decoding: content, as: UTF8.self)
        }
        if registry.plainHTTP { options.reach = .httpToo }
        options.answersRedirects = true
        client = HTTPClient(options)
    }

    /// A manifest by tag or digest.
    func manifest(_ name: String, _ access: Access) async throws(ImageError) -> HTTPResponse {
        let response = try await get(
            endpoint.manifestURL(access.image, name), accepting: Manifest.acceptedTypes, access)
        if 300..<400 ~= response.status {
            let host = response.header("location").flatMap { try? Origin(url: $0) }?.authority
            throw .manifestRedirected(host: host)
        }
        return try Self.checked(response)
    }

    /// A blob's bytes, known to be those of its digest. One redirect is followed, which is how registries serve blobs.
    func blob(_ digest: ContentDigest, _ access: Access) async throws(ImageError) -> [UInt8] {
        let response = try await get(endpoint.blobURL(access.image, digest), accepting: "*/*", access)
        var final = response
        if 300..<400 ~= response.status {
            let target = try endpoint.redirectTarget(response.header("location"))
            let header = target.isOwn ? authorizations.header(access.key) : nil
            final = try await send(HTTPRequest(url: target.url), authorization: header, until: access.deadline)
        }
        let bytes = try Self.checked(final).body.withUnsafeBytes(Array.init)
        guard digest.isDigest(of: bytes) else { throw .digestMismatch(.configuration) }
        return bytes
    }

    private func get(_ url: String, accepting types: String, _ access: Access) async throws(ImageError) -> HTTPResponse
    {
        let request = HTTPRequest(url: url, headers: [("Accept", types)])
        let known = authorizations.header(access.key)
        let response = try await send(request, authorization: known, until: access.deadline)
        guard response.status == 401 else { return response }
        let challenges = AuthChallenge.parse(response.headers("www-authenticate"))
        let header = try await authorization(challenges, access)
        return try await send(request, authorization: header, until: access.deadline)
    }

    /// Gets what the registry asks for.
    private func authorization(_ challenges: [AuthChallenge], _ access: Access) async throws(ImageError) -> String {
        let credential = access.credential
        if let challenge = challenges.first(where: { $0.scheme == "bearer" }) {
            guard let realm = challenge.parameters["realm"] else { throw .malformedAnswer(.challenge) }
            try endpoint.checkRealm(realm)
            let request = RegistryToken.request(
                realm: realm, service: challenge.parameters["service"], repository: access.image.repository,
                credential: credential)
            let response = try Self.checked(try await send(request, authorization: nil, until: access.deadline))
            let token = try RegistryToken(response.body)
            authorizations.keep(token.header, for: access.key, lifetime: token.lifetime)
            return token.header
        }
        guard challenges.contains(where: { $0.scheme == "basic" }) else { throw .malformedAnswer(.challenge) }
        guard let credential else { throw .denied(status: 401) }
        let header = credential.basicAuthorization
        authorizations.keep(header, for: access.key, lifetime: .seconds(300))
        return header
    }

    private func send(
        _ request: HTTPRequest, authorization: String?, until deadline: ContinuousClock.Instant
    ) async throws(ImageError) -> HTTPResponse {
        var request = request
        request.headers.append(("User-Agent", "latchkey-webhook"))
        if let authorization { request.headers.append(("Authorization", authorization)) }
        let remaining = deadline - .now
        guard remaining > .zero else { throw .timeout }
        request.timeout = remaining
        do {
            return try await client.send(request)
        } catch {
            throw ImageError(error)
        }
    }

    /// The response if it is a 200.
    private static func checked(_ response: HTTPResponse) throws(ImageError) -> HTTPResponse {
        switch response.status {
        case 200: return response
        case 401, 403: throw .denied(status: response.status)
        case 404: throw .notFound
        case 429: throw .throttled
        case 300..<400: throw .redirectRefused(host: nil)
        default: throw .status(response.status)
        }
    }
}
