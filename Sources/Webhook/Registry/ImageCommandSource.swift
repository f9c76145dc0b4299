import Injector

/// Answers what a decision asks about images: from the listed registries, with the pull secrets of the pod's namespace
/// where the operator allowed that.
struct ImageCommandSource: Sendable {
    /// The rest of ``AdmissionEndpoint/timeout`` is the registry's.
    private static let pullSecretTimeout: Duration = .milliseconds(1500)

    typealias Answer = Result<ImageCommand, ImageCommandFailure>

    private let reader: ImageConfigReader
    /// Nil where they are not to be read.
    private let pullSecrets: PullSecretReader?
    private let metrics: WebhookMetrics
    private let log: Log

    /// - Parameter pullSecrets: nil where they are not to be read.
    init(
        _ configuration: RegistryConfiguration, pullSecrets: PullSecretReader?, metrics: WebhookMetrics, log: Log
    ) {
        reader = ImageConfigReader(configuration)
        self.pullSecrets = pullSecrets
        self.metrics = metrics
        self.log = log
    }

    /// The answers, by the image as containers state it.
    ///
    /// - Parameters:
    ///   - onlyKnown: for dry runs: no registry is asked.
    ///   - deadline: all answers come by then.
    func commands(
        _ questions: [ImageQuestion], for pod: (names: [String], account: ServiceAccountName), onlyKnown: Bool,
        until deadline: ContinuousClock.Instant
    ) async -> [String: Answer] {
        let isListed = questions.contains { reader.isListed($0.image) }
        let secrets = isListed ? await read(pod.names, pod.account, until: deadline) : .success([])
        return await withTaskGroup(of: (String, Answer).self) { group in
            for question in questions {
                group.addTask {
                    let answer = await command(
                        question, secrets, pod.account.namespace, onlyKnown: onlyKnown, until: deadline)
                    return (question.image, answer)
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func command(
        _ question: ImageQuestion, _ secrets: Result<[DockerConfig], PullSecretError>, _ namespace: String,
        onlyKnown: Bool, until deadline: ContinuousClock.Instant
    ) async -> Answer {
        let image = question.image
        let start = ContinuousClock.now
        func failed(_ outcome: String, _ sentence: String) -> Answer {
            record(outcome, since: start)
            log.write(
                .warning, "an image's command is not known",
                [
                    ("namespace", .text(namespace)), ("container", .text(question.container)),
                    ("outcome", .text(outcome)), ("detail", .text(sentence)),
                ])
            return .failure(ImageCommandFailure(sentence))
        }
        let configs: [DockerConfig]
        switch secrets {
        case .success(let found): configs = found
        case .failure(let error):
            if reader.isListed(image) { return failed("pull-secret", error.description) }
            configs = []
        }
        switch await reader.command(
            of: image, platforms: ImagePlatforms(architectures: question.architectures), pullSecrets: configs,
            onlyKnown: onlyKnown, deadline: deadline)
        {
        case .success(let command):
            record("found", since: start)
            return .success(command)
        case .failure(let error): return failed(error.outcome, error.sentence(image: image))
        }
    }

    private func record(_ outcome: String, since start: ContinuousClock.Instant) {
        metrics.imageLookups.increment(outcome)
        metrics.imageLookupDuration.observe((ContinuousClock.now - start).inSeconds)
    }

    private func read(
        _ names: [String], _ account: ServiceAccountName, until deadline: ContinuousClock.Instant
    ) async -> Result<[DockerConfig], PullSecretError> {
        guard let pullSecrets else { return .success([]) }
        let end = min(deadline, .now + Self.pullSecretTimeout)
        return await withTaskGroup(of: Result<[DockerConfig], PullSecretError>?.self) { group in
            group.addTask {
                do throws(PullSecretError) {
                    return .success(
                        try await pullSecrets.configs(
                            namespace: account.namespace, names: names, serviceAccount: account.name))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await Task.sleep(until: end, clock: .continuous)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? .failure(.timeout)
        }
    }
}
