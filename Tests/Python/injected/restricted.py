"""The `restricted` profile of the Pod Security Standards
(https://kubernetes.io/docs/concepts/security/pod-security-standards/), written from its page for these tests."""

VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
           "image"}
BASELINE_CAPABILITIES = {"NET_BIND_SERVICE"}
SYSCTLS = {
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat",
}
SELINUX_TYPES = {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}


def violations(pod):
    """Sentences, one per violation; none where the profile admits the pod."""
    found = []
    spec = pod["spec"]
    windows = (spec.get("os") or {}).get("name") == "windows"
    of_pod = spec.get("securityContext") or {}
    containers = [
        container
        for kind in ("initContainers", "containers", "ephemeralContainers")
        for container in spec.get(kind) or []
    ]

    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(name):
            found.append(name)
    for volume in spec.get("volumes") or []:
        if set(volume) - {"name"} - VOLUMES:
            found.append(f"volume {volume['name']}")
    for sysctl in of_pod.get("sysctls") or []:
        if sysctl["name"] not in SYSCTLS:
            found.append(f"sysctl {sysctl['name']}")
    for key, value in ((pod.get("metadata") or {}).get("annotations") or {}).items():
        if key.startswith("container.apparmor.security.beta.kubernetes.io/"):
            if not (value in ("", "runtime/default") or value.startswith("localhost/")):
                found.append(f"AppArmor {value}")

    for where, context in [("pod", of_pod)] + [(c["name"], c.get("securityContext") or {}) for c in containers]:
        if (context.get("windowsOptions") or {}).get("hostProcess"):
            found.append(f"{where}: hostProcess")
        selinux = context.get("seLinuxOptions") or {}
        if selinux.get("type", "") not in SELINUX_TYPES or selinux.get("user") or selinux.get("role"):
            found.append(f"{where}: seLinuxOptions")
        if (context.get("appArmorProfile") or {}).get("type") == "Unconfined":
            found.append(f"{where}: appArmorProfile")
        if (context.get("seccompProfile") or {}).get("type") == "Unconfined":
            found.append(f"{where}: seccompProfile")
        if context.get("runAsUser") == 0:
            found.append(f"{where}: runAsUser 0")

    for container in containers:
        name, context = container["name"], container.get("securityContext") or {}
        if context.get("privileged"):
            found.append(f"{name}: privileged")
        if context.get("procMount") not in (None, "Default"):
            found.append(f"{name}: procMount")
        if any(port.get("hostPort") for port in container.get("ports") or []):
            found.append(f"{name}: hostPort")
        for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
            found += host_of(name, container.get(probe))
        for hook in ((container.get("lifecycle") or {}).get("postStart"), (container.get("lifecycle") or {}).get("preStop")):
            found += host_of(name, hook)
        runs_as_non_root = context.get("runAsNonRoot", of_pod.get("runAsNonRoot"))
        if runs_as_non_root is not True:
            found.append(f"{name}: runAsNonRoot")
        capabilities = context.get("capabilities") or {}
        if set(capabilities.get("add") or []) - BASELINE_CAPABILITIES:
            found.append(f"{name}: capabilities.add")
        if windows:
            continue
        if context.get("allowPrivilegeEscalation") is not False:
            found.append(f"{name}: allowPrivilegeEscalation")
        if "ALL" not in (capabilities.get("drop") or []):
            found.append(f"{name}: capabilities.drop")
        seccomp = context.get("seccompProfile") or of_pod.get("seccompProfile") or {}
        if seccomp.get("type") not in ("RuntimeDefault", "Localhost"):
            found.append(f"{name}: seccompProfile")
    return found


def host_of(name, handler):
    """A probe or hook that names a host of its own (since 1.34)."""
    handler = handler or {}
    return [
        f"{name}: host of a probe or hook"
        for kind in ("httpGet", "tcpSocket")
        if (handler.get(kind) or {}).get("host")
    ]
