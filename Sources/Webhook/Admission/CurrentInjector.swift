import Injector
import Synchronization

/// The injector of now. It is made anew when the shape of pods changes; a review keeps the one that it began with.
final class CurrentInjector: Sendable {
    private struct State {
        var configuration: InjectorConfiguration
        var injector: PodInjector
    }

    private let state: Mutex<State>

    init(_ configuration: InjectorConfiguration) {
        state = Mutex(State(configuration: configuration, injector: PodInjector(configuration)))
    }

    var value: PodInjector { state.withLock { $0.injector } }

    /// Whether pods that come now may get native sidecars.
    var hasNativeSidecars: Bool { state.withLock { $0.configuration.nativeSidecars } }

    /// Decides about the shape of the pods to come.
    func use(nativeSidecars: Bool) {
        state.withLock { state in
            guard state.configuration.nativeSidecars != nativeSidecars else { return }
            state.configuration.nativeSidecars = nativeSidecars
            state.injector = PodInjector(state.configuration)
        }
    }
}
