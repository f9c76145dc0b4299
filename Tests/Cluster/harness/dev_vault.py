"""The development vault: `latchkey dev`, told to trust the test cluster's service-account tokens."""

import json
import pathlib

from .control_plane import REPOSITORY, ControlPlane
from .processes import Server, eventually, free_port

PROGRAM = REPOSITORY / ".build/debug/latchkey"


class DevVault:
    """One vault `shop` with secrets, and the applications that may read it.

    `applications`: client id by (namespace, ServiceAccount), as federated identity credentials in Entra ID say it.
    """

    def __init__(self, folder: pathlib.Path, plane: ControlPlane, applications: dict, secrets: dict[str, str]):
        raise NotImplementedError
