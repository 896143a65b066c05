"""Declared sites: one TOML row makes a shop readable by a family, without code; every mistake is named with file, row and key."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from market_db.desk.entered import SourceApproval
from market_db.seen import Party
from spiders.site_checks import CHECKS, FAMILIES, FIELDS, LEAST_DELAY, MAPS, ROLES, TABLES, BadSite
from spiders.site_lists import list_rows
from spiders.source import Expect, Pace, Source

__all__ = ["FAMILIES", "LEAST_DELAY", "ROLES", "BadSite", "Site", "load_sites", "passport", "seller_of"]

FOLDER = Path(__file__).parent / "sites"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A declared shop or directory: what a person knows about it, so that no code has to."""

    id: str
    """Stable key; the source is called `<family>:<id>`."""
    url: str
    """Front page."""
    family: str
    """One of FAMILIES; auto = nobody knows yet, and the site stays off until `tembus probe` was asked."""
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
    search: str | None = None
    """From [site.search] `url`: address of its search, {q} for the words, {page} for the page."""
    keywords: tuple[str, ...] = ()
    """From [site.search]: what to look for there; empty = words of the product types in the site's language."""
    first_page: int = 1
    """From [site.search]: number of the first page of results (0 or 1, seldom more)."""
    max_pages: int = 5
    """From [site.search]: pages of results read for one keyword."""
    store: str | None = None
    """From [site.magento]: store view, sent as `Store` header; None = the shop's default view."""
    suffix: str = ".html"
    """From [site.magento]: what product addresses end in, where the shop does not say (Magento's default)."""
    listing: Mapping[str, str] = field(default_factory=dict)
    """From [site.listing]: link or next -> CSS selector on pages of results; of directories any field. Only where the reader is wrong."""
    detail: Mapping[str, str] = field(default_factory=dict)
    """From [site.detail]: name, price, brand or seller -> CSS selector; of directories any field. Only where the reader is wrong."""
    rfq: Mapping[str, str] = field(default_factory=dict)
    """From [site.rfq]: as `listing`, for the cards of a board."""
    record: str = "company"
    """From [site.directory]: company or rfq."""
    start: tuple[str, ...] = ()
    """From [site.directory]: lists to read, with {q}, {category} and {page}; empty = the front page."""
    categories: tuple[str, ...] = ()
    """From [site.directory]: what stands for {category}, as the site writes it in addresses."""
    details: bool = True
    """From [site.directory]: whether the page behind each card is read."""
    kind: str = "rfq"
    """From [site.directory]: kind of the requests, rfq or buy_lead."""
    list_role: str | None = None
    """From [site.directory] `role`: what standing in this directory proves (reference/roles.toml); None = as each entry says."""
    proof: str | None = None
    """From [site.directory]: the sentence of the site that says so."""
    drop: tuple[str, ...] = ()
    """From [site.directory] or [site.rfq]: fields and labels that are not read; persons' labels never are."""

    @property
    def host(self) -> str:
        """Host of the front page."""
        return urlsplit(self.url).hostname or ""

    @property
    def source(self) -> str:
        """Name of the source."""
        return f"{self.family}:{self.id}"

    @property
    def place(self) -> str:
        """Path below which its pages lie, without a final /: tells apart rows of one host, as /en and /de."""
        return f"{urlsplit(self.url).path.rstrip('/')}{self.path}"

    def holds(self, url: str) -> bool:
        """Whether an address of its host lies below its place."""
        path = urlsplit(url).path
        return path == self.place or path.startswith(f"{self.place}/")

    def decided(self, approval: SourceApproval | None) -> "Site":
        """The row after a person's decision on its terms; without one as it is. Nobody can switch on what nobody knows how to read."""
        if approval is None:
            return self
        read = date.fromisoformat(approval.terms_read)
        return replace(self, enabled=approval.approved and self.family != "auto", tos_checked=read, basis=approval.basis)


def load_sites(folder: Path | None = None) -> dict[str, Site]:
    """Declared sites by id, of all TOML files and bulk lists (CSV) of the folder. BadSite on the first mistake."""
    found: dict[str, Site] = {}
    places: dict[tuple[str, str, str], str] = {}
    for path in sorted([*(folder or FOLDER).glob("*.toml"), *(folder or FOLDER).glob("*.csv")]):
        for where, row in list_rows(path) if path.suffix == ".csv" else _rows(path):
            site = _site(where, row)
            if site.id in found:
                raise BadSite(f"{where}: id: {site.id} is used twice")
            same = places.setdefault((site.family, plain_host(site), site.place), where)
            if same != where:
                raise BadSite(
                    f"{where}: url: {same} is the same place of the same host; give each a path of its own, or make one row of them"
                )
            found[site.id] = site
    return found


def plain_host(site: Site) -> str:
    """Host of the front page without `www.`: both are one shop."""
    return site.host.lower().removeprefix("www.")


def passport(site: Site) -> Source:
    """The passport its row amounts to; facts and a link are kept, because a shop's licence is never known."""
    name = site.seller or site.host
    www = site.host.removeprefix("www.") if site.host.startswith("www.") else f"www.{site.host}"
    hosts = tuple(dict.fromkeys((site.host, www, *site.hosts)))
    return Source(
        title=name,
        publisher=name,
        home=site.url,
        licence="unknown",
        attribution=f"{name}, {site.host}",
        terms_url=site.terms_url or site.url,
        terms_read=site.tos_checked,
        basis=site.basis or "not decided",
        hosts=hosts,
        countries=(site.country,) if site.country else (),
        roles=(site.role,) if site.role in ("retailer", "wholesaler") else (),
        personal_data="contact addresses of the shop; personal ones are dropped",
        every=timedelta(days=site.every_days),
        expect=Expect(least=1, most=50_000),
        pace=Pace(delay=max(LEAST_DELAY, site.delay_s), max_requests=site.max_requests),
        post_hosts=hosts if site.family == "magento" else (),
        enabled=site.enabled,
        note=site.tos_note or (f"Nobody knows yet how to read it: tembus probe {site.url}" if site.family == "auto" else ""),
    )


def seller_of(site: Site) -> Party | None:
    """The shop as the seller of what its catalogue lists; None where the row does not name it."""
    if not site.seller:
        return None
    role = site.role if site.role in ("retailer", "wholesaler") else None
    return Party(name=site.seller, role=role, country=site.country, country_basis="site", website=site.url)


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, row) of each [[site]] table."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSite(f"{path.name}: not valid TOML in UTF-8: {error}") from error
    rows = raw.get("site", [])
    if set(raw) - {"site"} or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadSite(f"{path.name}: only [[site]] rows are expected")
    for number, row in enumerate(rows, 1):
        yield f"{path.name}: site {number} ({row.get('id', 'no id')})", row


def _site(where: str, row: Mapping[str, Any]) -> Site:
    flat = _flat(where, row)
    for key, value in flat.items():
        if key not in CHECKS:
            raise BadSite(f"{where}: {key}: unknown key; known are {', '.join(CHECKS)}")
        expected = CHECKS[key](value)
        if expected:
            raise BadSite(f"{where}: {key}: {expected} expected, not {value!r}")
    for key in ("url", "id", "family"):
        if key not in flat:
            raise BadSite(f"{where}: {key}: missing")
    return _built(where, flat)


def _built(where: str, flat: Mapping[str, Any]) -> Site:
    """The site of checked keys."""
    maps: dict[str, dict[str, str]] = {name: {} for name in MAPS}
    values: dict[str, Any] = {}
    for key, value in flat.items():
        table, _, last = key.rpartition(".")
        if table in MAPS and key not in FIELDS:
            maps[table][last] = value
        else:
            values[FIELDS.get(key, last)] = tuple(value) if isinstance(value, list) else value
    site = Site(**values, **dict[str, Any](maps))
    _check_together(where, site)
    return site


def _flat(where: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Keys of sub-tables with their table in front."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if key in TABLES and isinstance(value, dict):
            flat |= {f"{key}.{inner}": item for inner, item in value.items()}
        elif key in TABLES:
            raise BadSite(f"{where}: {key}: a table expected, not {value!r}")
        else:
            flat[key] = value
    return flat


def _check_together(where: str, site: Site) -> None:
    """What two keys say about each other."""
    if site.enabled and not (site.basis and site.tos_checked):
        raise BadSite(f"{where}: enabled: needs basis and tos_checked: somebody must have read the terms")
    if site.enabled and site.family == "auto":
        raise BadSite(f"{where}: family: auto cannot be enabled: run `tembus probe {site.url}` and write what it found")
    if site.sample != site.host.endswith(".example"):
        raise BadSite(f"{where}: sample: hosts of samples, and only they, end in .example")
    _check_directory(where, site)
    if site.family == "shopify" and not (site.currency and site.country):
        raise BadSite(f"{where}: currency: a Shopify catalogue has neither currency nor country, so both are needed here")


def _check_directory(where: str, site: Site) -> None:
    """What the keys of a directory say about each other."""
    if site.list_role and not site.proof:
        raise BadSite(f"{where}: directory.proof: needed beside role: the sentence of the site that says what its entries are")
    if any("{category}" in start for start in site.start) != bool(site.categories):
        raise BadSite(f"{where}: directory.categories: belongs to a {{category}} in directory.start, and that to it")
    if site.family != "directory" and (site.start or site.rfq or site.list_role):
        raise BadSite(f"{where}: directory: only for rows of the family directory")
