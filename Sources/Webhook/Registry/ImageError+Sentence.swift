extension ImageError: CustomStringConvertible {
    /// The reason without the image, and without the way that is always open: to state the command.
    public var description: String {
        switch self {
        case .reference(let problem): "the image reference cannot be read: \(problem)"
        case .notListed(let host):
            "the registry \(host) is not among the registries that Latchkey may ask ('registries')"
        case .notFound: "the registry does not know it; look at the name, the tag and the pull secrets"
        case .denied(let status):
            "the registry does not let Latchkey read it (HTTP status \(status)); look at the pod's imagePullSecrets and at "
                + "'kubernetes.readPullSecrets'"
        case .realmRefused(let host):
            "the registry sends clients to log in at \(Self.place(host)), which is not listed for it; nothing was sent "
                + "there; add it to the registry's 'tokenHosts' if it is right"
        case .redirectRefused(let host):
            "the registry keeps its blobs at \(Self.place(host)), which is not listed for it; nothing was sent there; add it "
                + "to the registry's 'blobHosts' if it is right"
        case .manifestRedirected(let host):
            "the registry sends clients on to \(Self.place(host)), and such a redirect is not followed; name the image by "
                + "the registry that has it"
        case .unreachable(let reason), .tls(let reason): "the registry cannot be asked: \(reason)"
        case .timeout: "the registry did not answer in time; try again"
        case .busy: "too many images are being looked up; try again"
        case .notCached: "registries are not asked for a dry run, and nothing is known of it yet"
        case .throttled: "the registry answers no more requests for now (HTTP status 429); try again later"
        case .status(let status): "the registry answered with HTTP status \(status)"
        case .tooLarge: "its manifest or configuration is larger than 4 MiB"
        case .malformedAnswer(let part): "the registry's answer is no \(part.rawValue) that can be read"
        case .digestMismatch(let part): "the registry's \(part.rawValue) is not the one of its digest"
        case .schema1: "its manifest is of Docker's first format, which is not read; push it again with a newer client"
        case .notAnImage: "what lies there is no container image for Linux"
        case .nestedIndex: "its index holds another index, which is not read; name one platform's image by its digest"
        case .tooManyPlatforms: "its index holds more than 64 images"
        case .noPlatform:
            "it has no image for a platform that the pod can be scheduled to; look at the pod's node selector "
                + "'kubernetes.io/arch'"
        case .differentCommands(let one, let other):
            "its images for \(one) and \(other) run different commands; set the node selector 'kubernetes.io/arch' in the "
                + "pod"
        case .caFile(let path): "the registry's 'caFile' \(path) cannot be read"
        }
    }

    /// The reason with the image, as part of a denial.
    /// - Parameter image: the container's image as the pod states it.
    public func sentence(image: String) -> String {
        image.utf8.count <= 300 && image.utf8.allSatisfy({ 0x20..<0x7F ~= $0 })
            ? "of image '\(image)': \(self)" : "\(self)"
    }

    private static func place(_ host: String?) -> String { host ?? "a URL that cannot be used" }
}
