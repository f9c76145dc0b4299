"""How the kubelet makes a container's environment and command, before anything of ours sees them.

kubernetes/kubernetes, pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables) and third_party/forked/golang/expansion.
"""

import base64
import re

_EXPRESSION = re.compile(r"\$\$|\$\([^)]*\)")


def expand(text: str, variables: dict[str, str]) -> str:
    """`$(NAME)` by what is known, `$$` as `$`; what is not known stays."""

    def value(match: re.Match) -> str:
        found = match.group()
        return "$" if found == "$$" else variables.get(found[2:-1], found)

    return _EXPRESSION.sub(value, text)


def expand_probe(command: list[str], container: dict) -> list[str]:
    """An exec probe's command, for which the kubelet takes the values as they stand in the container.

    pkg/kubelet/container/helpers.go, ExpandContainerCommandOnlyStatic.
    """
    variables = {variable["name"]: variable.get("value", "") for variable in container.get("env", [])}
    return [expand(word, variables) for word in command]


class Environment:
    """Environments of a pod's containers, with ConfigMaps and Secrets as the apiserver has them now."""

    def __init__(self, kubectl, pod: dict):
        self.kubectl = kubectl
        self.namespace = pod["metadata"]["namespace"]

    def data(self, kind: str, name: str) -> dict[str, bytes]:
        """What a ConfigMap or Secret holds."""
        found = self.kubectl.get(kind, name, self.namespace)
        if kind == "secret":
            return {key: base64.b64decode(value) for key, value in found.get("data", {}).items()}
        return {key: value.encode() for key, value in found.get("data", {}).items()}

    def variables(self, container: dict) -> dict[str, str]:
        """Sources first, then the container's own in their order; a later one wins and may name earlier ones."""
        result: dict[str, str] = {}
        for source in container.get("envFrom", []):
            for kind, field in (("configmap", "configMapRef"), ("secret", "secretRef")):
                if reference := source.get(field):
                    data = self.data(kind, reference["name"])
                    result |= {source.get("prefix", "") + key: value.decode() for key, value in data.items()}
        for variable in container.get("env", []):
            result[variable["name"]] = self._value(variable, result)
        return result

    def command(self, container: dict, image: dict, variables: dict[str, str]) -> list[str]:
        """What is run: the pod's command expanded, else the image's as it is."""
        command = [expand(word, variables) for word in container.get("command", [])]
        args = [expand(word, variables) for word in container.get("args", [])]
        if not command:
            return image.get("Entrypoint", []) + (args or image.get("Cmd", []))
        return command + args

    def _value(self, variable: dict, known: dict[str, str]) -> str:
        if not (source := variable.get("valueFrom")):
            return expand(variable.get("value", ""), known)
        for kind, field in (("configmap", "configMapKeyRef"), ("secret", "secretKeyRef")):
            if reference := source.get(field):
                return self.data(kind, reference["name"])[reference["key"]].decode()
        raise AssertionError(f"a source is not supported here: {source}")
