"""Who is asking: on the own machine its owner, with no login; from anywhere else whoever logged in, under one of the configured names."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Protocol

from starlette.datastructures import Headers
from starlette.requests import Request

from market_db.access.sessions import session_of
from market_db.home import Home

PLAIN_COOKIE, SAFE_COOKIE = "tembus", "__Host-tembus"
"""The second, over https, is one that no neighbouring host and no plain http can set (RFC 6265bis, 4.1.3.2)."""
PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})


@dataclass(frozen=True, slots=True)
class User:
    """A person at the pages."""

    name: str
    role: str
    """reader, advisor, operator."""
    must_change: bool = False
    """The password is known to somebody else: nothing before another one."""

    @property
    def may_write(self) -> bool:
        """Whether this person may enter what he or she knows."""
        return self.role in ("advisor", "operator")


class Access(Protocol):
    """How people are told apart."""

    @property
    def login(self) -> bool:
        """Whether people log in here."""

    def user_of(self, request: Request) -> User | None:
        """The person behind a request; None = must log in first."""

    def refuses(self, headers: Headers) -> str:
        """Why a request is not for us, as a key of the words, group `trouble`; empty = it is."""

    def now(self) -> datetime:
        """The time by which sessions end and deeds are kept."""


@dataclass(frozen=True, slots=True)
class OwnMachine:
    """Bound to loopback: whoever can reach it is the owner of the machine."""

    name: str
    login: bool = False

    def user_of(self, request: Request) -> User | None:
        """The owner."""
        return User(self.name, "operator")

    def refuses(self, headers: Headers) -> str:
        """Only names of loopback: a name that resolves here by a trick (DNS rebinding) is not ours.

        A reverse proxy in front would make everybody the owner: what it adds to a request gives it away.
        """
        if any(name in headers for name in PROXY_HEADERS):
            return "proxy"
        return "" if host_of(headers).lower() in LOOPBACK_NAMES else "host"

    def now(self) -> datetime:
        """Now."""
        return utc_now()


def utc_now() -> datetime:
    """The clock of the sessions."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Accounts:
    """People of access.db, who log in; the pages answer to `names` only."""

    home: Home
    names: frozenset[str]
    """Host names in small letters, without port."""
    clock: Callable[[], datetime] = utc_now
    login: bool = True

    def user_of(self, request: Request) -> User | None:
        """Whoever's session the cookie names. Raises MarketError, sqlite3.DatabaseError where access.db is damaged."""
        token = token_of(request)
        found = session_of(self.home, token, now=self.now()) if token else None
        return User(found.name, found.role, found.must_change) if found else None

    def refuses(self, headers: Headers) -> str:
        """Any other name than the configured ones is refused."""
        return "" if host_of(headers).lower().rstrip(".") in self.names else "host"

    def now(self) -> datetime:
        """As the clock says."""
        return self.clock()


def cookie_name(request: Request) -> str:
    """Of the session."""
    return SAFE_COOKIE if request.url.scheme == "https" else PLAIN_COOKIE


def token_of(request: Request) -> str:
    """The random id that the browser keeps; empty = none."""
    return request.cookies.get(cookie_name(request), "")


def host_of(headers: Headers) -> str:
    """Host header without its port; empty where there are two of them, or none."""
    hosts = headers.getlist("host")
    return host_name(hosts[0]) if len(hosts) == 1 else ""


def host_name(host: str) -> str:
    """A host without its port."""
    head, colon, port = host.rpartition(":")
    return head if colon and port.isascii() and port.isdigit() else host


def is_loopback(host: str) -> bool:
    """Whether an address to bind to can be reached from this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
