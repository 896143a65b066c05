"""One page in, records out: the pure heart of every family that reads HTML."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from market_db.seen import Listing, Party, Registration
from market_db.values.text import clean
from spiders.extract import cues
from spiders.extract.breadcrumbs import breadcrumbs
from spiders.extract.contacts import NO_CONTACTS, Contacts, page_contacts
from spiders.extract.document import Document
from spiders.extract.firm import firm_name
from spiders.extract.location import addresses, page_country
from spiders.extract.merchants import shown_seller
from spiders.extract.nodes import text_of
from spiders.extract.offers import Offered, is_other, overridden, page_offer
from spiders.extract.products import Facts
from spiders.extract.shops import ORGANISATIONS, host_label, same_shop, shop_name
from spiders.extract.tiles import Tile, cards, company_tiles, product_tiles
from spiders.site import Site

SENTENCE = 30
"""Characters of the longest line that is a menu or a label as likely as a sentence."""
Where = tuple[str | None, str | None]
"""Country (ISO2) and what decided it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one page says; `kind` is product, listing, company, directory or other."""

    kind: str
    records: tuple[Listing | Registration, ...] = ()
    """The product of the page as a Listing, or the firm of a contact page as a Registration."""
    firm: Registration | None = None
    """The firm behind a page that is not about one product, also where it is no record (a listing with a phone number)."""
    contacts: Contacts = NO_CONTACTS
    """Ways to reach the site's business; empty on product pages of a declared site, whose contact pages are asked instead."""
    items: tuple[Tile, ...] = ()
    """Blocks of a listing or directory page."""
    breadcrumbs: tuple[str, ...] = ()
    """Path from the root, without the product."""
    document: Document | None = field(default=None, repr=False, compare=False)
    """The page itself, for what is read only when somebody asks."""
    language: str | None = None
    """As the page declares it."""
    country: str | None = None
    """ISO2 of the market: the site's row, else what the page shows."""
    text: str = ""
    """Start of the visible text, for telling the language."""

    @property
    def issues(self) -> tuple[str, ...]:
        """Short constants: lost_text, charset_unknown, unparsed, jsonld_broken, login_wall ...; links_capped once links were read."""
        return tuple(dict.fromkeys(self.document.faults)) if self.document else ()

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """Absolute address and text, each address once, at most 2,000; read when asked for, because most pages are leaves."""
        return self.document.links if self.document else ()


def extract_page(body: bytes, url: str, headers: Mapping[str, str], site: Site | None = None) -> Page:
    """Read a page once; raises nothing on any bytes. Order of belief: JSON-LD, microdata, OpenGraph, DOM."""
    doc = Document(body, url, headers, site.charset if site else None)
    if doc.root is None or _walled(doc):
        doc.faults += ["login_wall"] if doc.root is not None else []
        return Page(kind="other", language=doc.declared_language, document=doc)
    market = site.country if site else None
    offer = page_offer(doc, market or page_country(doc)[0])
    if offer.facts is not None:
        return _product_page(doc, offer, site)
    return _other_page(doc, offer, site)


def _walled(doc: Document) -> bool:
    """A login form, or a consent or challenge page, and little besides."""
    return (
        len(doc.decoded.text) < 60_000
        and "password" in doc.lower
        and bool(cues.LOGIN_WALL.search(doc.lower))
        and sum(map(len, doc.lines)) < 600
    )


def _product_page(doc: Document, offer: Offered, site: Site | None) -> Page:
    facts = offer.facts if offer.facts is not None else Facts()
    facts = overridden(doc, facts, site) if site and site.detail else facts
    # a declared shop's contacts come from its contact pages; reading them on every product page would cost more than the product
    contacts = (
        NO_CONTACTS if site else page_contacts(doc, _country(doc, site, NO_CONTACTS, facts.currency)[0], thorough=False, product=True)
    )
    where = _country(doc, site, contacts, facts.currency)
    trail = breadcrumbs(doc, facts.name)
    facts = replace(facts, brand=facts.brand or _brand_crumb(trail, facts.name))
    seller = _seller(doc, facts, site, contacts, where)
    records = (_listing(doc, facts, trail, seller, where[0]),) if facts.name else ()
    return _page(doc, "product", where[0], records=records, breadcrumbs=trail, contacts=contacts)


def _brand_crumb(trail: tuple[str, ...], name: str | None) -> str | None:
    """The last crumb, where it is a word in capitals that the name has too: shops end their paths with the brand."""
    last = trail[-1] if trail else ""
    return last if len(last) > 1 and last.isupper() and last in (name or "").split() else None


def _other_page(doc: Document, offer: Offered, site: Site | None) -> Page:
    thorough = _is_contact_page(doc)
    about_firm = thorough or _is_front_page(doc)
    market = _country(doc, site, NO_CONTACTS, None)[0]
    contacts = page_contacts(doc, market, about_firm)
    where = _country(doc, site, contacts, None)
    if where[0] and where[0] != market:
        contacts = page_contacts(doc, where[0], about_firm)  # one number with its country code tells how to read the others
    lists = not thorough and not is_other(doc)
    tiles = product_tiles(doc, offer.prices) if lists else ()
    firms = company_tiles(doc, where[0]) if not tiles and not thorough else ()
    trail = breadcrumbs(doc, None)
    reached = bool(contacts.phones or contacts.emails or thorough)
    firm = _registration(doc, site, contacts, where, bool(firms)) if reached or about_firm else None
    if tiles or firms:
        kind = "listing" if tiles else "directory"
        return _page(doc, kind, where[0], items=tiles or firms, breadcrumbs=trail, firm=firm, contacts=contacts)
    # blocks without price or contact are pages of a catalogue as likely as news on a front page: what the page is stays open
    plain = cards(doc, where[0]) if lists else ()
    kind = "company" if firm and reached else "listing" if plain else "other"
    records = (firm,) if firm and reached else ()
    return _page(doc, kind, where[0], records=records, items=plain, breadcrumbs=trail, firm=firm, contacts=contacts)


def _page(doc: Document, kind: str, country: str | None, **found: Any) -> Page:
    """A page with what every page has."""
    text = "" if kind == "product" and doc.declared_language else _sample(doc)
    return Page(kind=kind, country=country, language=doc.declared_language, document=doc, text=text, **found)


def _sample(doc: Document) -> str:
    """Sentences of a page; all its lines where it has hardly any, as contact pages do."""
    text = " ".join(line for line in doc.lines[:300] if len(line) > SENTENCE)[:2_000]
    return text if len(text) > 3 * SENTENCE else " ".join(doc.lines[:100])[:2_000]


def _is_front_page(doc: Document) -> bool:
    """Whether the address is that of the site itself, perhaps in one of its languages."""
    return (
        doc.host != ""
        and re.fullmatch(r"/?(?:[a-z]{2}(?:[-_][a-z]{2})?/?)?(?:(?:index|default|home)\.\w{2,5})?", urlsplit(doc.url).path.lower())
        is not None
    )


def _is_contact_page(doc: Document) -> bool:
    heads = " ".join(text for _, text in doc.headings[:2])
    return bool(cues.CONTACT_PAGE.search(f"{urlsplit(doc.url).path} {doc.title} {heads}"))


def _country(doc: Document, site: Site | None, contacts: Contacts, currency: str | None) -> Where:
    if site and site.country:
        return site.country, "site"
    return page_country(doc, phones=contacts.phones, currency=currency)


def _seller(doc: Document, facts: Facts, site: Site | None, contacts: Contacts, where: Where) -> Party | None:
    """Who offers it: named in the offer on marketplaces, else the shop."""
    own = (site.seller if site else None) or shop_name(doc, trading=True)
    asked = site is None or site.role == "marketplace" or not site.seller
    shown = shown_seller(doc) if asked and not facts.seller else None
    named = (facts.seller or shown) if asked else None
    if named and not same_shop(named, own, doc.host):
        return Party(name=named)
    name = own if site and site.seller else shown or own
    return _firm(name, doc, site, contacts, where) if name else None


def _firm(name: str, doc: Document, site: Site | None, contacts: Contacts, where: Where) -> Party:
    """The business behind the site."""
    return Party(
        name=name,
        role=site.role if site and site.role in ("retailer", "wholesaler") else None,
        country=where[0],
        country_basis=where[1],
        website=f"https://{doc.host}/" if doc.host else None,
        phones_text=contacts.phones,
        emails_text=contacts.emails,
    )


def _listing(doc: Document, facts: Facts, trail: tuple[str, ...], seller: Party | None, country: str | None) -> Listing:
    return Listing(
        key=page_key(doc.canonical or doc.url),
        name=facts.name or "",
        url=doc.url,
        description=facts.description,
        brand=facts.brand,
        gtin=facts.gtin,
        category=trail or ((facts.category,) if facts.category else ()),
        price_text=facts.price_text,
        currency_text=facts.currency_text or facts.currency,
        price=facts.price,
        price_max=facts.price_max,
        list_price=facts.list_price,
        currency=facts.currency,
        availability=facts.availability,
        seller=seller,
        country=country,
        language_text=doc.declared_language,
    )


def page_key(url: str) -> str:
    """Address without scheme, query and fragment; a query that names the product stays as a hash."""
    parts = urlsplit(url)
    query = f"?{hashlib.blake2b(parts.query.encode(), digest_size=6).hexdigest()}" if parts.query else ""
    return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}{query}"


def _registration(doc: Document, site: Site | None, contacts: Contacts, where: Where, listed: bool) -> Registration | None:
    """The firm of a contact, imprint or front page; `listed`: the page lists other firms, whose legal names are not its own."""
    own = (site.seller if site else None) or (shop_name(doc) if listed else firm_name(doc))
    name = doc.host if own is None or (listed and not site and not same_shop(own, host_label(doc.host), doc.host)) else own
    if not name:
        return None
    stated = next(addresses([node for graph in (doc.jsonld, doc.microdata) for node in graph.of(ORGANISATIONS)]), {})
    party = replace(
        _firm(name, doc, site, contacts, where),
        country_text=text_of(stated.get("addresscountry")),
        address=text_of(stated.get("streetaddress")),
        city=text_of(stated.get("addresslocality")),
        region=text_of(stated.get("addressregion")),
        postcode=text_of(stated.get("postalcode")),
    )
    return Registration(key=f"{doc.host}|{clean(name, 100).casefold()}", party=party, url=doc.url)
