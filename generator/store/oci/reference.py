"""Names of images: the registry, the repository in it, and the address at which a client asks.

The form is held by the service file's patterns (``generator.service.store``).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

DOCKER_HUB = "docker.io"
ITS_SERVER = "registry-1.docker.io"
ITS_ENTRY = "https://index.docker.io/v1/"
"""Docker Hub's registry answers at another name than its images have, and its credentials stand under a third
(distribution/reference v0.6.0, normalize.go; docker/cli, cli/registry/client, ``IndexServer``)."""


@dataclass(frozen=True)
class Repository:
    """A repository.

    Attributes:
        registry: With its port, as names of images have it.
        path: Inside the registry, without a slash at either end.
    """

    registry: str
    path: str

    def __str__(self) -> str:
        """The name of its images, without tag and digest."""
        return f"{self.registry}/{self.path}"

    @property
    def server(self) -> str:
        """Where the registry answers, with its port."""
        return ITS_SERVER if self.registry == DOCKER_HUB else self.registry

    @property
    def entry(self) -> str:
        """Under which name its credentials are kept."""
        return ITS_ENTRY if self.registry == DOCKER_HUB else self.registry

    @property
    def plain(self) -> bool:
        """Whether it is asked by http: on this machine alone, as Docker and containerd do by themselves."""
        host = self.registry.partition("]")[0].strip("[") if self.registry[0] == "[" else self.registry.split(":")[0]
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


def parse(name: str) -> Repository:
    """Take a repository's name apart, which starts with its registry."""
    registry, _, path = name.partition("/")
    return Repository(registry, path)


def parse_pinned(name: str) -> tuple[Repository, str]:
    """The repository and the digest of an image that is named by it; a tag beside the digest says nothing more."""
    image, _, digest = name.rpartition("@")
    folder, slash, last = image.rpartition("/")
    return parse(f"{folder}{slash}{last.partition(':')[0]}"), digest
