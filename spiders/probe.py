"""What one look at a site (robots.txt and front page) tells, each with its reason, and the row that a person may approve."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from market_db.values.currencies import currency_codes, currency_of, find_currencies
from market_db.values.languages import normal_language, read_language
from market_db.values.names import looks_like_company
from spiders.base.sites_spider import is_contact_link
from spiders.extract.contacts import page_contacts
from spiders.extract.document import Document
from spiders.extract.location import page_country
from spiders.extract.platforms import Platform, Reason, platforms
from spiders.extract.search_forms import opensearch_link, searches
from spiders.extract.shops import copyright_names, host_label, shop_name
from spiders.extract.shown import shown_prices
from spiders.extract.sitemap import sitemaps_in_robots
from spiders.extract.tiles import company_tiles
from spiders.manners.robots import Rules, read_rules
from spiders.reading import Answer
from spiders.site import Site
from spiders.site_lists import site_id

_CURRENCY = re.compile(
    r"""["']?(?:price_?currency|currency(?:_?(?:iso)?_?code)?|active)["']?\s{0,3}[:=]\s{0,3}["']([A-Z]{3})["']""", re.IGNORECASE
)
"""In scripts, JSON and attributes: priceCurrency, currencyCode, Shopify's currency.active."""
_PRICE_METAS = ("product:price:currency", "og:price:currency", "og:currency")
LEAST_FIRMS = 4
"""Cards of firms with contacts that make a page a directory; a shop shows a few branches of its own."""
MOST_ASKED = 50
"""Places looked at for a currency that scripts name."""


@dataclass(frozen=True, slots=True)
class Clue:
    """Something found, and why it is believed; no value = not found."""

    value: str | None = None
    reasons: tuple[Reason, ...] = ()


NOTHING = Clue()


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that one look tells."""

    url: str
    """Front page, after redirects."""
    platform: Clue = NOTHING
    family: Clue = NOTHING
    """Family that can read it; reasons name what was weighed, also robots.txt being against a path."""
    search: Clue = NOTHING
    sitemap: Clue = NOTHING
    language: Clue = NOTHING
    currency: Clue = NOTHING
    country: Clue = NOTHING
    contact: Clue = NOTHING
    seller: Clue = NOTHING
    """The name it trades under."""
    legal_name: Clue = NOTHING
    """Only where it carries a legal form: any other name may be a person's."""
    others: tuple[str, ...] = field(default=())
    """Other platforms that something speaks for."""


def examine(front: Answer, robots: Answer | None) -> Findings:
    """Pure: the same answers, the same findings. Raises nothing on any bytes."""
    doc = Document(front.body, front.url, front.headers)
    rules = read_rules(robots.status, robots.body) if robots else Rules()
    text = robots.body[:500_000].decode("utf-8", "replace") if robots and robots.status == 200 else ""
    found = platforms(doc, front.headers, text)
    search, sitemap = _search(doc, rules), _sitemap(robots)
    currency = _currency(doc)
    country = _country(doc, currency.value)
    directory = NOTHING if found else _directory(doc, country.value)
    return Findings(
        url=front.url,
        platform=Clue(found[0].title, found[0].reasons) if found else NOTHING,
        family=directory if directory.value else _family(found, rules, front.url, search, sitemap),
        search=search,
        sitemap=sitemap,
        language=_language(doc, country.value),
        currency=currency if currency.value else _tender(country.value),
        country=country,
        contact=_contact(doc),
        seller=_seller(doc),
        legal_name=_legal_name(doc),
        others=tuple(platform.title for platform in found[1:3]),
    )


def _family(found: tuple[Platform, ...], rules: Rules, url: str, search: Clue, sitemap: Clue) -> Clue:
    """The platform's family where robots.txt allows what it asks, else by sitemap, else by search."""
    reasons: list[Reason] = []
    for platform in found[:1]:
        if not platform.asks:
            break
        if rules.allows(urljoin(url, platform.asks)):
            return Clue(platform.family, (("platform", platform.title), ("robots_allows", platform.asks)))
        reasons.append(("robots_against", platform.asks))
    if sitemap.value or not search.value:
        return Clue("structured", (*reasons, ("has_sitemap", sitemap.value) if sitemap.value else ("tries_sitemap", "/sitemap.xml")))
    return Clue("search", (*reasons, ("no_sitemap_named", ""), ("has_search", search.value)))


def _directory(doc: Document, country: str | None) -> Clue:
    """Whether the page lists firms: several cards with contacts, most of them with a firm's name and a page of their own, and no prices."""
    firms = [tile for tile in company_tiles(doc, country) if tile.url and (tile.contacts.phones or tile.contacts.emails)]
    named = [tile.name for tile in firms if looks_like_company(tile.name)]
    pages = {tile.url for tile in firms}
    if len(pages) < LEAST_FIRMS or len(named) * 2 < len(firms) or shown_prices(doc, None):
        return NOTHING
    return Clue("directory", (("company_cards", f"{len(pages)}: {named[0]}"),))


def _search(doc: Document, rules: Rules) -> Clue:
    """The first way to search on the page's own host that robots.txt allows."""
    against: list[Reason] = []
    for way in searches(doc):
        host = (urlsplit(way.template).hostname or "").removeprefix("www.")
        if host != doc.host:
            continue
        if rules.allows(way.template.replace("{q}", "sambal").replace("{page}", "1")):
            return Clue(way.template, ((way.why, ""), *against))
        against.append(("robots_against", way.template))
    described = opensearch_link(doc)
    return Clue(None, (*against, *((("opensearch", described),) if described else ())))


def _sitemap(robots: Answer | None) -> Clue:
    named = sitemaps_in_robots(robots.body) if robots and robots.status == 200 else ()
    return Clue(named[0], (("in_robots", str(len(named))),)) if named else NOTHING


def _language(doc: Document, country: str | None) -> Clue:
    declared = normal_language(doc.declared_language or "")
    if declared:
        return Clue(declared, (("declared", doc.declared_language or ""),))
    text = " ".join(line for line in doc.lines[:300] if len(line) > 30)[:2_000]
    read = read_language(text, country=country) if text else None
    return Clue(read, (("text", text[:60]),)) if read else NOTHING


def _currency(doc: Document) -> Clue:
    """What scripts and markup name most often, else the one sign that the prices shown have."""
    stated = next((doc.metas[key].upper() for key in _PRICE_METAS if doc.metas.get(key)), "")
    if stated in currency_codes():
        return Clue(stated, (("named", stated),))
    codes = [code.upper() for _, code in zip(range(MOST_ASKED), _CURRENCY.findall(doc.decoded.text[:2_000_000]), strict=False)]
    named = Counter(code for code in codes if code in currency_codes())
    if named:
        code, times = named.most_common(1)[0]
        return Clue(code, (("named", f"{code} x {times}"),))
    prices = [price.text for price in shown_prices(doc, None)[:20]]
    shown = Counter(mention.currency for text in prices for mention in find_currencies(text) if mention.currency)
    if len(shown) == 1:
        code, times = shown.most_common(1)[0]
        return Clue(code, (("shown", f"{prices[0]} x {times}"),))
    return NOTHING


def _tender(country: str | None) -> Clue:
    """The country's own money, where the page shows none."""
    code = currency_of(country) if country else None
    return Clue(code, (("tender", country or ""),)) if code else NOTHING


def _country(doc: Document, currency: str | None) -> Clue:
    contacts = page_contacts(doc, None, thorough=True)
    country, basis = page_country(doc, phones=contacts.phones, currency=currency)
    return Clue(country, (("basis", basis or ""),)) if country else NOTHING


def _contact(doc: Document) -> Clue:
    """The page that says who runs the shop."""
    for url, text in doc.links:
        if (urlsplit(url).hostname or "").removeprefix("www.") == doc.host and is_contact_link(url, text):
            return Clue(url, (("link", text[:60]),))
    return NOTHING


def _seller(doc: Document) -> Clue:
    """The trading name, where it is a firm's or the domain's; anything else may be a person's name."""
    name = shop_name(doc, trading=True)
    if name and looks_like_company(name):
        return Clue(name, (("legal_form", ""),))
    label, squeezed = (re.sub(r"[\W_]", "", text).casefold() for text in (host_label(doc.host), name or ""))
    if name and label and squeezed and (label in squeezed or squeezed in label):
        return Clue(name, (("like_domain", doc.host),))
    return _legal_name(doc)


def _legal_name(doc: Document) -> Clue:
    """The firm behind the shop: of its markup or copyright line, with its legal form."""
    for place, names in (("named", [shop_name(doc)]), ("copyright", copyright_names(doc))):
        for name in names:
            if name and looks_like_company(name) and len(name.split()) <= 8:
                return Clue(name, ((place, ""),))
    return NOTHING


def proposed_row(found: Findings, taken: Iterable[str] = ()) -> str:
    """The [[site]] row in TOML, switched off and without a basis: nobody has decided anything yet."""
    parts = urlsplit(found.url)
    values: dict[str, object] = {
        "id": free_id(site_id(found.url) or "site", taken),
        "url": f"{parts.scheme}://{parts.netloc}{parts.path if parts.path.endswith('/') else '/'}",
        "family": found.family.value,
        "seller": found.seller.value,
        "country": found.country.value,
        "currency": found.currency.value,
        "lang": found.language.value,
    }
    known = found.country.value and found.currency.value
    if found.family.value == "shopify" and not known:
        values["family"] = "auto"
    if (parts.hostname or "").endswith(".example"):
        values["sample"] = True
    lines = ["[[site]]", *(_line(key, value, found) for key, value in values.items() if value is not None)]
    lines += ['basis = ""  # why it may be read; nobody has decided', "enabled = false"]
    lines += list(_tables(found))
    return "\n".join(lines) + "\n"


def _line(key: str, value: object, found: Findings) -> str:
    """One key with the reason behind it as a comment."""
    clue = {"lang": found.language}.get(key) or (getattr(found, key, None) if key != "url" else None)
    text = json.dumps(value, ensure_ascii=False)
    if not isinstance(clue, Clue) or not clue.reasons:
        return f"{key} = {text}"
    why = "; ".join(f"{kind} {what}".strip() for kind, what in clue.reasons)
    return f"{key} = {text}  # {_comment(why)}"


def _comment(text: str) -> str:
    """Text that can stand behind a # in TOML."""
    return "".join(char if char.isprintable() else " " for char in text)[:120]


def _tables(found: Findings) -> Iterator[str]:
    if found.family.value == "search" and found.search.value:
        yield from ("[site.search]", f"url = {json.dumps(found.search.value, ensure_ascii=False)}")
    if found.family.value == "directory":
        start = found.search.value or found.url
        yield from ("[site.directory]", 'record = "company"', f"start = [{json.dumps(start, ensure_ascii=False)}]")


def free_id(wanted: str, taken: Iterable[str]) -> str:
    """The id, with a number behind it where it is taken."""
    used = set(taken)
    return next(name for name in (wanted, *(f"{wanted}-{n}" for n in range(2, len(used) + 3))) if name not in used)


def declared_as(url: str, sites: Iterable[Site]) -> list[str]:
    """Sources that a site at this address is declared as already."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return [site.source for site in sites if site.host.removeprefix("www.") == host]
