"""The fence: connections go to the hosts of the passport and to public addresses, whatever a page, a redirect or a DNS answer says."""

import ipaddress
import logging
import os
import re
from collections.abc import Collection, Sequence
from typing import Any, Self
from urllib.parse import SplitResult, urljoin, urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver
from w3lib.url import safe_url_string
from zope.interface import implementer  # type: ignore[import-untyped]

from spiders.keys import asks_for_key, hidden, with_key
from spiders.manners.outcomes import ROBOTS_FETCH, Manner, Refused, SourceStates, Stop
from spiders.manners.pace import HostPaces
from spiders.source import Source

logger = logging.getLogger(__name__)

PORTS = {"http": 80, "https": 443}
MAX_REDIRECTS = 5
SAFE_METHODS = ("GET", "HEAD")
MOVED = (301, 302, 303, 307, 308)
NUMERIC_LABEL = re.compile(r"(?:\d+|0x[0-9a-f]*)\Z")

FORBIDDEN = tuple(
    ipaddress.ip_network(block)
    for block in (
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598; Alibaba's metadata service lives in it
        "168.63.129.16/32",  # Azure's wire server: a public number that leads into the host
        "192.0.0.0/24",  # IETF protocol assignments; Oracle's metadata service
        "192.88.99.0/24",  # 6to4 relays, withdrawn by RFC 7526
        "198.18.0.0/15",  # benchmarks, RFC 2544
        "::/96",  # IPv4-compatible, withdrawn by RFC 4291
        "64:ff9b:1::/48",  # local NAT64, RFC 8215
        "2001::/23",  # Teredo, ORCHID and other special use, RFC 2928
        "fec0::/10",  # site-local, withdrawn by RFC 3879
    )
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet; False also for what is no address.

    Addresses that carry another inside (IPv4-mapped, 6to4, NAT64) are as public as what they carry.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = _embedded(ip)
        if inner is not None:
            return is_public(str(inner))
    if any(ip in block for block in FORBIDDEN if block.version == ip.version):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """IPv4 address inside an IPv6 one."""
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def plain_host(host: str) -> str:
    """Host as compared: lower case, no final dot, ASCII (IDNA)."""
    host = host.rstrip(".").lower()
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def in_hosts(host: str, port: int, default: int | None, hosts: Sequence[str]) -> bool:
    """Whether a host and port stand in a passport's list: `name`, `name:port`, or `*.name` for the names below it."""
    for entry in hosts:
        name, wanted = _entry(entry)
        if port != (wanted or default):
            continue
        if host == name or (name.startswith("*.") and host.endswith(name[1:]) and host != name[2:]):
            return True
    return False


def _entry(entry: str) -> tuple[str, int | None]:
    """Name and port of one entry of a passport."""
    name, colon, port = entry.rpartition(":")
    if colon and port.isdigit() and (":" not in name or name.endswith("]")):
        return plain_host(name).strip("[]"), int(port)
    return plain_host(entry).strip("[]"), None


def refusal(url: str, method: str, passport: Source, allowed_private: Collection[str] = ()) -> str | None:
    """Why an address may not be asked on this passport, or None: scheme, user name, host, port, number, method."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return "unreadable address"
    if parts.scheme not in PORTS or not parts.hostname:
        return f"scheme {parts.scheme}"
    if parts.username is not None or parts.password is not None:
        return "user name in the address"
    host = plain_host(parts.hostname)
    if not in_hosts(host, port, PORTS[parts.scheme], passport.hosts):
        return f"host {host}:{port} is not in the passport"
    if (number := _number(host)) and f"{host}:{port}" not in allowed_private:
        return number
    return _method_refusal(method, host, parts, passport)


def _number(host: str) -> str | None:
    """Why a host that is a number is refused: only plain notation of a public address passes."""
    if ":" not in host and not NUMERIC_LABEL.match(host.rpartition(".")[2]):
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return f"number {host} instead of a name"
    return None if is_public(host) else f"address {host} is not public"


def _method_refusal(method: str, host: str, parts: SplitResult, passport: Source) -> str | None:
    """Why a method is refused: POST needs the passport's word, others do not exist here."""
    if method in SAFE_METHODS:
        return None
    port = parts.port or PORTS[parts.scheme]
    if method == "POST" and in_hosts(host, port, PORTS[parts.scheme], passport.post_hosts):
        return None
    return f"method {method}"


class Fence(Manner):
    """Downloader middleware: refuses what leads out of the passport before anything is resolved or queued."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._allowed = frozenset(crawler.settings.getlist("TEMBUS_ALLOW_PRIVATE"))

    def process_request(self, request: Request) -> None:
        """Raise Refused (fence); a proxy would move the connection elsewhere and is refused too."""
        why = refusal(request.url, request.method, self._states.passport_of(request), self._allowed)
        if why is None and request.meta.get("proxy"):
            why = "proxy"
        if why:
            logger.warning("fence: %s: %s", why, request.url.partition("?")[0][:300])
            raise self._states.refuse(request, "fence", why)


class Redirects(Manner):
    """Downloader middleware in place of Scrapy's: at most five hops, http and https, POST never to another host, no headers across hosts.

    The new request takes the whole way through the manners again, so robots, fence and budgets judge each hop.
    """

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """The next hop, or the answer where it is none; raises Refused (redirect)."""
        target = redirect_target(request, response)
        if target is None:
            return response
        hops = request.meta.get("redirect_times", 0) + 1
        if hops > MAX_REDIRECTS:
            raise self._states.refuse(request, "redirect", f"more than {MAX_REDIRECTS} hops")
        if urlsplit(target).scheme not in PORTS:
            raise self._states.refuse(request, "redirect", f"to {target[:100]}")
        moved = _same_place(request.url, target)
        if request.method not in SAFE_METHODS and not moved:
            raise self._states.refuse(request, "redirect", f"{request.method} to another host")
        return _follow(request, response.status, target, hops, keep_headers=moved)


def redirect_target(request: Request, response: Response) -> str | None:
    """Address a redirect leads to, absolute; None where the answer is no redirect or the spider wants it as it is."""
    location = response.headers.get("Location")
    wanted = request.meta.get("dont_redirect") or response.status in request.meta.get("handle_httpstatus_list", ())
    if response.status not in MOVED or not location or wanted:
        return None
    try:
        return urljoin(request.url, safe_url_string(location.strip()))
    except ValueError:
        return "invalid:"


def _same_place(url: str, target: str) -> bool:
    """Whether a redirect stays on host and port, and does not fall from https to http."""
    old, new = urlsplit(url), urlsplit(target)
    if (old.hostname, old.scheme, old.port) == (new.hostname, new.scheme, new.port):
        return True
    upgraded = (old.scheme, new.scheme) == ("http", "https") and old.port in (None, 80) and new.port in (None, 443)
    return old.hostname == new.hostname and upgraded


def _follow(request: Request, status: int, target: str, hops: int, *, keep_headers: bool) -> Request:
    """The request of the next hop; keys in headers stay at home."""
    changes: dict[str, Any] = {"url": target, "meta": {**request.meta, "redirect_times": hops}, "cookies": {}}
    changes["meta"]["redirect_urls"] = [*request.meta.get("redirect_urls", []), request.url]
    if request.method == "POST" and status in (301, 302, 303):
        changes |= {"method": "GET", "body": b""}
        keep_headers = False
    if not keep_headers:
        changes["headers"] = {}
    following: Request = request.replace(**changes)
    return following


@implementer(IResolutionReceiver)
class _Sieve:
    """Passes the addresses of a name on, or none of them when one is not public."""

    def __init__(self, receiver: Any, fence: "FencedResolver", host: str, port: int) -> None:
        self._receiver, self._fence, self._host, self._port = receiver, fence, host, port
        self._addresses: list[IAddress] = []

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802 - Twisted's name
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802 - Twisted's name
        self._addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        if self._fence.lets_through(self._host, self._port, [str(getattr(address, "host", "")) for address in self._addresses]):
            for address in self._addresses:
                self._receiver.addressResolved(address)
        self._receiver.resolutionComplete()


class FencedResolver(CachingHostnameResolver):
    """Scrapy's resolver (setting TWISTED_DNS_RESOLVER) that hands out public addresses only.

    Twisted asks it before each connection, for numbers as for names, and connects to exactly what it handed out:
    a name that changes its address between check and connection has no second chance.
    """

    def __init__(self, reactor: ReactorBase, cache_size: int, allowed: Collection[str] = ()) -> None:
        super().__init__(reactor, cache_size)
        self._allowed = frozenset(allowed)
        self.refused: dict[tuple[str, int], str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Scrapy passes the process or the crawler; both have settings."""
        settings = crawler.settings
        cache_size = settings.getint("DNSCACHE_SIZE") if settings.getbool("DNSCACHE_ENABLED") else 0
        return cls(reactor, cache_size, settings.getlist("TEMBUS_ALLOW_PRIVATE"))

    def lets_through(self, host: str, port: int, addresses: Sequence[str]) -> bool:
        """Whether a name may be connected to; what it was refused for is kept in `refused`."""
        host = plain_host(host)
        bad = [address for address in addresses if not is_public(address)]
        if not bad or f"{host}:{port}" in self._allowed:
            self.refused.pop((host, port), None)
            return True
        self.refused[host, port] = bad[0]
        return False

    def resolveHostName(  # noqa: N802 - Twisted's name
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803 - Twisted's name
        hostName: str,  # noqa: N803 - Twisted's name
        portNumber: int = 0,  # noqa: N803 - Twisted's name
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803 - Twisted's name
        transportSemantics: str = "TCP",  # noqa: N803 - Twisted's name
    ) -> IHostResolution:
        """Resolve as Scrapy does, through the sieve."""
        sieve: Any = _Sieve(resolutionReceiver, self, hostName, portNumber)
        return super().resolveHostName(sieve, hostName, portNumber, addressTypes, transportSemantics)


class FencedHandler(HTTP11DownloadHandler):
    """Last look before the wire: a request may have waited long for its turn, and its source been stopped meanwhile."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._states, self._paces = SourceStates.of(crawler), HostPaces.of(crawler)
        self._allowed = frozenset(crawler.settings.getlist("TEMBUS_ALLOW_PRIVATE"))

    async def download_request(self, request: Request) -> Response:
        """Scrapy's download behind the fence; raises Refused where the name leads to an address that is not public."""
        self._states.check(request, admitted=True)
        if self._states.replay:
            raise self._states.refuse(request, "not_recorded", request.url)
        resolver = _installed_resolver()
        if not request.meta.get(ROBOTS_FETCH):
            self._states.count(self._states.name_of(request), "requests")
        try:
            return await self._asked(request)
        except CannotResolveHostError as error:
            parts = urlsplit(request.url)
            key = (plain_host(parts.hostname or ""), parts.port or PORTS[parts.scheme])
            if key in resolver.refused:
                raise self._states.refuse(request, "fence", f"{key[0]} leads to {resolver.refused[key]}") from error
            raise
        finally:
            self._paces.hold(request)

    async def _asked(self, request: Request) -> Response:
        """Scrapy's download, with the key of the source put in for this moment only; over plain http no key is sent."""
        if not asks_for_key(request):
            return await super().download_request(request)
        key = self._states.passport_of(request).key(os.environ)
        if not key:
            raise self._states.stop_for(request, Stop.NEEDS_KEY, "no key in the environment")
        parts = urlsplit(request.url)
        if parts.scheme != "https" and f"{parts.hostname}:{parts.port}" not in self._allowed:
            raise self._states.refuse(request, "fence", "a key over plain http")
        try:
            response = await super().download_request(with_key(request, key))
        except Exception as error:
            error.args = tuple(hidden(arg, key) if isinstance(arg, str) else arg for arg in error.args)
            raise
        return response.replace(url=request.url)


def _installed_resolver() -> FencedResolver:
    """The resolver in force; without ours no connection is made at all."""
    from twisted.internet import reactor  # the reactor is chosen at run time

    resolver = getattr(reactor, "nameResolver", None)
    if not isinstance(resolver, FencedResolver):
        raise Refused("fence", "TWISTED_DNS_RESOLVER is not spiders.manners.egress.FencedResolver")
    return resolver
