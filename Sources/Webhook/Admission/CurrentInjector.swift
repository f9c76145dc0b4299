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

    /// Decides about the shape of the pods to come by the oldest kubelet; nil where it is not known.
    func follow(kubelet version: KubernetesVersion?) {
        state.withLock { state in
            var configuration = state.configuration
            configuration.follow(kubelet: version)
            guard configuration != state.configuration else { return }
            state = State(configuration: configuration, injector: PodInjector(configuration))
        }
    }
}
