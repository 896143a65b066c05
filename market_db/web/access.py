"""Who is asking: on the own machine its owner; anything else needs users, which another `Access` will know."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Protocol

from starlette.requests import Request

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})


@dataclass(frozen=True, slots=True)
class User:
    """A person at the pages."""

    name: str
    role: str
    """reader, advisor, operator."""

    @property
    def may_write(self) -> bool:
        """Whether this person may enter what he or she knows."""
        return self.role in ("advisor", "operator")


class Access(Protocol):
    """How people are told apart."""

    def user_of(self, request: Request) -> User | None:
        """The person behind a request; None = must log in first."""

    def host_is_ours(self, host: str) -> bool:
        """Whether the Host header (without port) names this program: other names are a trick of a page elsewhere."""


@dataclass(frozen=True, slots=True)
class OwnMachine:
    """Bound to loopback: whoever can reach it is the owner of the machine."""

    name: str

    def user_of(self, request: Request) -> User | None:
        """The owner."""
        return User(self.name, "operator")

    def host_is_ours(self, host: str) -> bool:
        """Only names of loopback: a name that resolves here by a trick (DNS rebinding) is not ours."""
        return host.lower() in LOOPBACK_NAMES


def is_loopback(host: str) -> bool:
    """Whether an address to bind to can be reached from this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
