"""Declared sites: one TOML row makes a shop readable by a family, without code; every mistake is named with file, row and key."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from market_db.entered import SourceApproval
from spiders.source import Expect, Pace, Source

FOLDER = Path(__file__).parent / "sites"
FAMILIES = ("shopify", "structured")
ROLES = ("retailer", "wholesaler", "marketplace")
LEAST_DELAY = 2.0
"""Seconds between two pages of a site, whatever its row says."""


class BadSite(ValueError):
    """Raised by `load_sites`; the message names file, row and key, and says what is expected there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A declared shop or directory: what a person knows about it, so that no code has to."""

    id: str
    """Stable key; the source is called `<family>:<id>`."""
    url: str
    """Front page."""
    family: str
    """shopify or structured."""
    seller: str | None = None
    """Name of the business, as it calls itself; None = read from its pages."""
    country: str | None = None
    """Market, ISO 3166-1 alpha-2; decides number formats and shared currency signs."""
    currency: str | None = None
    """ISO 4217, where the payload has none (Shopify)."""
    lang: str | None = None
    """ISO 639-1, where pages do not say."""
    role: str | None = None
    """retailer, wholesaler or marketplace."""
    basis: str = ""
    """Why it may be read: "robots and terms", "permission of ..."; empty = nobody decided."""
    terms_url: str | None = None
    """Where its terms stand."""
    tos_checked: date | None = None
    """When somebody read them for the project; None = nobody did, and the site stays off."""
    tos_note: str = ""
    """What they say that matters here."""
    enabled: bool = False
    """Off until a person turns it on."""
    sample: bool = False
    """Answers are shipped with the program; its host does not exist and is never asked."""
    charset: str | None = None
    """Overrides what pages declare, for sites known to lie."""
    hosts: tuple[str, ...] = ()
    """Hosts beside the one of `url`."""
    every_days: int = 7
    """How often it is due."""
    delay_s: float = LEAST_DELAY
    """From [site.limits]."""
    max_requests: int = 200
    """From [site.limits]."""
    path: str = ""
    """From [site.shopify]: path before /products.json, e.g. /en or /collections/sauces."""
    sitemap: str | None = None
    """From [site.sitemap] `url`; None = as robots.txt says, else /sitemap.xml."""
    include: tuple[str, ...] = ()
    """From [site.sitemap]: an address must contain one of these."""
    exclude: tuple[str, ...] = ()
    """From [site.sitemap]: an address must contain none of these."""
    detail: Mapping[str, str] = field(default_factory=dict)
    """From [site.detail]: name, price, brand or seller -> CSS selector, only where the generic extractor is wrong."""

    @property
    def host(self) -> str:
        """Host of the front page."""
        return urlsplit(self.url).hostname or ""

    @property
    def source(self) -> str:
        """Name of the source."""
        return f"{self.family}:{self.id}"

    def decided(self, approval: SourceApproval | None) -> "Site":
        """The row after a person's decision on its terms; without one as it is."""
        if approval is None:
            return self
        read = date.fromisoformat(approval.terms_read)
        return replace(self, enabled=approval.approved, tos_checked=read, basis=approval.basis)


def _matches(pattern: str, what: str) -> Any:
    regex = re.compile(pattern)
    return lambda value: None if isinstance(value, str) and regex.fullmatch(value) else what


def _is(kind: type, what: str) -> Any:
    return lambda value: None if type(value) is kind else what


def _one_of(*words: str) -> Any:
    return lambda value: None if value in words else f"one of {', '.join(words)}"


def _number(least: float, most: float) -> Any:
    return lambda v: (
        None if isinstance(v, int | float) and not isinstance(v, bool) and least <= v <= most else f"a number from {least} to {most}"
    )


def _texts(value: Any) -> str | None:
    return None if isinstance(value, list) and all(isinstance(text, str) and text for text in value) else "a list of texts"


_TEXT = _is(str, "a text")
_FLAG = _is(bool, "true or false")
_URL = _matches(r"https?://[^\s/]+(?:/\S*)?", "an address with http:// or https://")
CHECKS: Mapping[str, Any] = {
    "id": _matches(r"[a-z0-9][a-z0-9-]{1,60}", "lower-case letters, digits and -"),
    "url": _URL,
    "family": _one_of(*FAMILIES),
    "seller": _TEXT,
    "country": _matches(r"[A-Z]{2}", "ISO 3166-1 alpha-2"),
    "currency": _matches(r"[A-Z]{3}", "ISO 4217"),
    "lang": _matches(r"[a-z]{2}", "ISO 639-1"),
    "role": _one_of(*ROLES),
    "basis": _TEXT,
    "terms_url": _URL,
    "tos_checked": _is(date, "a date without quotes, as 2026-11-20"),
    "tos_note": _TEXT,
    "enabled": _FLAG,
    "sample": _FLAG,
    "charset": _TEXT,
    "hosts": _texts,
    "every_days": _number(1, 365),
    "limits.delay_s": _number(LEAST_DELAY, 3_600),
    "limits.max_requests": _number(1, 5_000),
    "shopify.path": _matches(r"(?:/[\w%-]+)+", "a path as /en or /collections/sauces"),
    "sitemap.url": _URL,
    "sitemap.include": _texts,
    "sitemap.exclude": _texts,
    "detail.name": _TEXT,
    "detail.price": _TEXT,
    "detail.brand": _TEXT,
    "detail.seller": _TEXT,
}
"""Key -> check that gives what is expected there, or None where the value is that."""
_FIELDS = {"limits.delay_s": "delay_s", "limits.max_requests": "max_requests", "shopify.path": "path", "sitemap.url": "sitemap"}
_TABLES = frozenset(key.split(".")[0] for key in CHECKS if "." in key)


def load_sites(folder: Path | None = None) -> dict[str, Site]:
    """Declared sites by id, of all TOML files of the folder. BadSite on the first mistake."""
    found: dict[str, Site] = {}
    for path in sorted((folder or FOLDER).glob("*.toml")):
        for number, row in enumerate(_rows(path), 1):
            site = _site(f"{path.name}: site {number} ({row.get('id', 'no id')})", row)
            if site.id in found:
                raise BadSite(f"{path.name}: site {number} ({site.id}): id: used twice")
            found[site.id] = site
    return found


def passport(site: Site) -> Source:
    """The passport its row amounts to; facts and a link are kept, because a shop's licence is never known."""
    name = site.seller or site.host
    www = site.host.removeprefix("www.") if site.host.startswith("www.") else f"www.{site.host}"
    return Source(
        title=name,
        publisher=name,
        home=site.url,
        licence="unknown",
        attribution=f"{name}, {site.host}",
        terms_url=site.terms_url or site.url,
        terms_read=site.tos_checked,
        basis=site.basis or "not decided",
        hosts=tuple(dict.fromkeys((site.host, www, *site.hosts))),
        countries=(site.country,) if site.country else (),
        roles=(site.role,) if site.role in ("retailer", "wholesaler") else (),
        personal_data="contact addresses of the shop; personal ones are dropped",
        every=timedelta(days=site.every_days),
        expect=Expect(least=1, most=50_000),
        pace=Pace(delay=max(LEAST_DELAY, site.delay_s), max_requests=site.max_requests),
        enabled=site.enabled,
        note=site.tos_note,
    )


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSite(f"{path.name}: not valid TOML in UTF-8: {error}") from error
    rows = raw.get("site", [])
    if set(raw) - {"site"} or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadSite(f"{path.name}: only [[site]] rows are expected")
    return rows


def _site(where: str, row: Mapping[str, Any]) -> Site:
    flat = _flat(where, row)
    for key, value in flat.items():
        if key not in CHECKS:
            raise BadSite(f"{where}: {key}: unknown key; known are {', '.join(CHECKS)}")
        expected = CHECKS[key](value)
        if expected:
            raise BadSite(f"{where}: {key}: {expected} expected, not {value!r}")
    for key in ("id", "url", "family"):
        if key not in flat:
            raise BadSite(f"{where}: {key}: missing")
    values: dict[str, Any] = {
        _FIELDS.get(key, key.rpartition(".")[2]): value for key, value in flat.items() if not key.startswith("detail.")
    }
    detail = {key.removeprefix("detail."): value for key, value in flat.items() if key.startswith("detail.")}
    lists: dict[str, Any] = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    site = Site(detail=detail, **{**values, **lists})
    _check_together(where, site)
    return site


def _flat(where: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Keys of sub-tables with their table in front."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if key in _TABLES and isinstance(value, dict):
            flat |= {f"{key}.{inner}": item for inner, item in value.items()}
        elif key in _TABLES:
            raise BadSite(f"{where}: {key}: a table expected, not {value!r}")
        else:
            flat[key] = value
    return flat


def _check_together(where: str, site: Site) -> None:
    """What two keys say about each other."""
    if site.enabled and not (site.basis and site.tos_checked):
        raise BadSite(f"{where}: enabled: needs basis and tos_checked: somebody must have read the terms")
    if site.sample != site.host.endswith(".example"):
        raise BadSite(f"{where}: sample: hosts of samples, and only they, end in .example")
    if site.family == "shopify" and not (site.currency and site.country):
        raise BadSite(f"{where}: currency: a Shopify catalogue has neither currency nor country, so both are needed here")
