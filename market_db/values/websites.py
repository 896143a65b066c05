"""Web addresses: which one a text names, whose domain it is, and whether many firms share that domain."""

import re
from functools import cache
from urllib.parse import urlsplit

from tldextract import TLDExtract

from market_db import reference
from market_db.values.text import clean

LIMIT = 2_000
_BARE_HOST = re.compile(
    r"(?i)^(?:[a-z0-9\u00a1-\uffff](?:[a-z0-9\u00a1-\uffff-]{0,61}[a-z0-9\u00a1-\uffff])?\.)+[a-z\u00a1-\uffff][a-z0-9\u00a1-\uffff-]{1,62}$"
)
_ADDRESS = re.compile(r"(?i)(?:https?://|www\.)[^\s<>\"'|]{3,}")
_TRAIL = ".,;:!?)]}>\"'"


@cache
def _suffixes() -> TLDExtract:
    # The list shipped with the library: nothing is fetched, every machine cuts alike. RFC 2606 reserves .example for fixtures.
    return TLDExtract(suffix_list_urls=(), cache_dir=None, extra_suffixes=("example",))


def host_of(url: str) -> str | None:
    """Lower-case host of an address or bare host, without port and trailing point."""
    text = clean(url, LIMIT)
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname
    except ValueError:
        return None
    return host.rstrip(".") or None if host else None


def registrable_domain(url: str) -> str | None:
    """Domain somebody registered ("shop.firm.co.uk/x" -> "firm.co.uk"), by the shipped public suffix list; None for an IP or junk."""
    host = host_of(url)
    if not host or len(host) > 253:
        return None
    parts = _suffixes()(host)
    return f"{parts.domain}.{parts.suffix}".lower() if parts.domain and parts.suffix else None


def is_shared_domain(domain: str) -> bool:
    """Whether the domain says nothing about who its user is: free mail, social networks, marketplaces, site builders."""
    host = host_of(domain) or ""
    registered = registrable_domain(host) or host
    shared = _shared_domains()
    name = registered.partition(".")[0]
    return registered in shared or host in shared or name in reference.words("shared_domains", "any_ending")


@cache
def _shared_domains() -> frozenset[str]:
    groups = ("free_mail", "social", "marketplaces", "platforms")
    return frozenset().union(*(reference.words("shared_domains", group) for group in groups))


def is_free_mail(domain: str) -> bool:
    """Whether anybody can have a mailbox there."""
    return domain.casefold().rstrip(".") in reference.words("shared_domains", "free_mail")


def read_website(text: str) -> str | None:
    """The one web address a text names, with scheme; bare hosts get https. Mail addresses and file names are none."""
    shown = clean(text, LIMIT)
    found = _ADDRESS.search(shown)
    address = found.group().rstrip(_TRAIL) if found else shown.rstrip("/" + _TRAIL)
    if "@" in re.split(r"[/?#]", address.partition("//")[2] or address, maxsplit=1)[0]:
        return None
    if not re.match(r"(?i)https?://", address):
        if not _BARE_HOST.match(re.split(r"[/?#]", address, maxsplit=1)[0].partition(":")[0]):
            return None
        address = f"https://{address}"
    return _tidy(address)


def _tidy(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".")
    if registrable_domain(host) is None:
        return None
    netloc = f"{host}:{port}" if port and port not in (80, 443) else host
    return parts._replace(scheme=parts.scheme.lower(), netloc=netloc).geturl()
