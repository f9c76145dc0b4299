import Injector

extension InjectorConfiguration {
    /// Sets the shape of pods by the oldest kubelet. Nil, not known, gives the older shape, which works on every version but
    /// is none for a Job that asks for refresh.
    mutating func follow(kubelet version: KubernetesVersion?) {
        nativeSidecars = version?.runsNativeSidecars ?? false
        knowsKubelets = version != nil
        fileKeyRef = version?.readsVariablesFromFiles ?? false
    }
}
