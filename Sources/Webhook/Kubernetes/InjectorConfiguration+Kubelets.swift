import Injector

extension InjectorConfiguration {
    /// Sets the shape of pods by the oldest kubelet; nil, not known, gives the shape that works on every version.
    mutating func follow(kubelet version: KubernetesVersion?) {
        nativeSidecars = version?.runsNativeSidecars ?? false
        fileKeyRef = version?.readsVariablesFromFiles ?? false
    }
}
