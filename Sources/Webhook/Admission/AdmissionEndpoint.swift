import Injector

/// Bytes of a review in, bytes of its answer out.
struct AdmissionEndpoint: Sendable {
    /// By when a review is answered, whatever has to be asked: well inside the five seconds that an apiserver gives.
    static let timeout: Duration = .seconds(4)

    let injector: CurrentInjector
    let serviceAccounts: any ServiceAccountSource
    let images: ImageCommandSource
    let metrics: WebhookMetrics
    let log: Log

    /// Answers a review at once, or says what is to be awaited.
    func review(_ body: [UInt8]) -> ReviewStep {
        let start = ContinuousClock.now
        let review: AdmissionReview
        do {
            review = try AdmissionReview(parsing: body)
        } catch {
            metrics.admissions.increment("refused", "bad-review")
            log.write(.warning, "no review", [("reason", .text(error.description))])
            return .answer(.failure(400, error.description))
        }
        metrics.reviewBegan()
        let injector = injector.value
        let examination = injector.examine(review)
        let account = examination.serviceAccount
        let questions = examination.images
        guard account != nil || !questions.isEmpty else {
            return .answer(
                answer(review, injector.decide(examination, serviceAccountAnnotations: nil), since: start))
        }
        return .pending {
            var annotations: [String: String]?
            if let account {
                do throws(KubernetesError) {
                    annotations = try await serviceAccounts.annotations(of: account)
                } catch {
                    return deny(review, account, error, since: start)
                }
            }
            let commands = await commands(questions, examination, review, since: start)
            return answer(
                review, injector.decide(examination, serviceAccountAnnotations: annotations, commands: commands),
                since: start)
        }
    }

    private func commands(
        _ questions: [ImageQuestion], _ examination: Examination, _ review: AdmissionReview,
        since start: ContinuousClock.Instant
    ) async -> [String: ImageCommandSource.Answer] {
        let pullSecrets = examination.pullSecrets
        guard !questions.isEmpty, let account = pullSecrets.serviceAccount else { return [:] }
        return await images.commands(
            questions, for: (pullSecrets.names, account), onlyKnown: review.isDryRun,
            until: start + AdmissionEndpoint.timeout)
    }

    private func answer(
        _ review: AdmissionReview, _ decision: InjectionDecision, since start: ContinuousClock.Instant
    ) -> HTTPAnswer {
        let answer = review.answer(decision)
        record(review, decision.metricLabel, since: start)
        return .json(answer)
    }

    private func deny(
        _ review: AdmissionReview, _ account: ServiceAccountName, _ error: KubernetesError,
        since start: ContinuousClock.Instant
    ) -> HTTPAnswer {
        let sentence = error.sentence(namespace: account.namespace, name: account.name)
        let answer = review.denial(message: sentence, code: error.denialCode)
        record(review, ("deny", "serviceaccount-\(error.outcome)"), since: start)
        return .json(answer)
    }

    private func record(
        _ review: AdmissionReview, _ label: (decision: String, reason: String), since start: ContinuousClock.Instant
    ) {
        let duration = ContinuousClock.now - start
        metrics.reviewEnded()
        metrics.admissions.increment(label.decision, label.reason)
        metrics.admissionDuration.observe(duration.inSeconds)
        log.write(
            .info, "review answered",
            [
                ("uid", .text(review.uid)), ("namespace", .text(review.namespace)), ("name", .text(review.podName)),
                ("operation", .text(review.operation)), ("dryRun", .flag(review.isDryRun)),
                ("decision", .text(label.decision)), ("reason", .text(label.reason)),
                ("durationSeconds", .seconds(duration)),
            ])
    }
}
