import SecretSpec
import Testing
import VaultClient

@testable import Agent

@Suite("Exit codes")
struct ExitCodeTests {
    @Test("whatever may pass says so, of every kind", arguments: VaultError.Kind.allCases)
    func transient(kind: VaultError.Kind) {
        #expect(ExitCode(VaultError(kind, "", isTransient: true)) == .unavailable)
    }

    @Test(
        "what does not pass is told apart",
        arguments: [
            (VaultError.Kind.notConfigured, ExitCode.plan), (.serviceAccountToken, .identity),
            (.loginRefused, .identity), (.unauthenticated, .identity), (.forbidden, .refused), (.notFound, .refused),
            (.disabled, .refused), (.field, .refused), (.tls, .refused), (.timeout, .unavailable),
        ])
    func permanent(kind: VaultError.Kind, code: ExitCode) {
        #expect(ExitCode(VaultError(kind, "")) == code)
    }

    @Test("the code of several failures is the one that a person must mend")
    func several() throws {
        let reference = try SecretReference(parsing: "akv://shop/db")
        func failure(_ kinds: [(VaultError.Kind, isTransient: Bool)]) throws -> AgentFailure {
            let failures = kinds.enumerated().map { index, kind in
                ResolveFailure(
                    source: "latchkey.dev/secret.\(index)", reference: reference,
                    error: VaultError(kind.0, "sentence \(index)", isTransient: kind.isTransient))
            }
            return AgentFailure(try #require(ResolveFailures(failures)))
        }
        #expect(try failure([(.timeout, true), (.timeout, true)]).exitCode == .unavailable)
        #expect(try failure([(.timeout, true), (.notFound, false)]).exitCode == .refused)
        #expect(try failure([(.notFound, false), (.loginRefused, false)]).exitCode == .identity)
        #expect(try failure([(.loginRefused, false), (.notConfigured, false)]).exitCode == .plan)
        let sentences = try failure([(.timeout, true), (.notFound, false)]).sentences
        #expect(sentences.count == 2)
        #expect(sentences.allSatisfy { $0.contains("akv://shop/db") })
        #expect(sentences[1].contains("latchkey.dev/secret.1") && sentences[1].contains("sentence 1"))
    }

    @Test("are documented, each once")
    func documented() {
        for code in ExitCode.allCases {
            #expect(AgentCommand.usage.contains("  \(code.rawValue)  \(code.meaning)\n"))
        }
    }
}
