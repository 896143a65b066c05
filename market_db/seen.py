"""Seen records: what a source showed, with evidence. Written by crawls, changed by nobody else.

Fields ending in `_text` hold what the source printed; parsed neighbours come from `pipelines/steps.py`; None = unknown, never "no".
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

ALL_GOODS = "TOTAL"  # code of the trade of all goods together, as UN Comtrade writes it


def record_id(kind: str, *parts: str) -> str:
    """Hash the fewest stable raw values that name a record; 20 hex digits, equal on every machine."""
    return hashlib.blake2b("\x1f".join((kind, *parts)).encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One answer of one source: where the bytes behind a record lie."""

    source: str
    url: str
    """Address asked, after redirects."""
    fetched_at: datetime
    """When the answer arrived, UTC; in replay the time of the recording."""
    content_hash: str
    """SHA-256 of the body, hex."""
    archive_file: str | None = None
    """WARC file inside the home's archive folder; None = not archived (a fixture, a file of an advisor)."""
    archive_offset: int | None = None
    """Byte offset of the record inside `archive_file`."""

    @property
    def id(self) -> str:
        """Same answer, same id."""
        return record_id("evidence", self.source, self.url, self.content_hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A way to reach a business; only role mailboxes and business lines get this far."""

    kind: str
    """`email`, `phone` or `website`."""
    raw: str
    """As the source printed it."""
    value: str | None
    """E.164 phone, lower-case e-mail, https/http address; None = could not be read."""
    valid: bool | None = None
    """Numbering-plan or syntax check; None = not checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A company as one record names it; identity (`pipelines/companies`) works on these."""

    name: str
    """As printed."""
    role: str | None = None
    """One of `reference/roles.toml`: importer, distributor, wholesaler, retailer, tender_authority ...; None = not known."""
    role_proof: str | None = None
    """The sentence or code that proves the role, quoted from the source."""
    country_text: str | None = None
    """As printed (name, code, or address line)."""
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    country_basis: str | None = None
    """What decided the country: stated, address, register, vat, city, site, phone, tld (how sure: `reference/country_clues.toml`)."""
    region: str | None = None
    """State, county or province as printed."""
    city: str | None = None
    """Town as printed."""
    address: str | None = None
    """Street lines as printed, joined by ", "."""
    postcode: str | None = None
    """As printed."""
    registry: str | None = None
    """Which register issued `registry_id`, e.g. no-brreg, gb-hmrc-trader, osm."""
    registry_id: str | None = None
    """The register's own number."""
    website: str | None = None
    """As printed."""
    phones_text: tuple[str, ...] = ()
    """As printed, one entry a number."""
    emails_text: tuple[str, ...] = ()
    """As printed; personal ones are dropped by the privacy step and never stored."""
    contacts: tuple[Contact, ...] = ()
    """What the contact and privacy steps made of the three fields above."""
    natural_person: bool = False
    """A sole trader under their own name: rejected by the privacy step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """An offer or catalogue entry of a shop, marketplace or product database."""

    key: str
    """The source's own key (product id, canonical URL)."""
    name: str
    """Product name as printed, entities resolved."""
    url: str
    """Page a person can open."""
    source: str = ""
    """Stamped by `spiders/evidence.py`."""
    evidence: Evidence | None = None
    """Stamped by `spiders/evidence.py`."""
    description: str | None = None
    """Plain text, at most 2,000 characters."""
    brand: str | None = None
    """As printed."""
    gtin: str | None = None
    """GTIN-8/12/13/14 digits as printed."""
    category: tuple[str, ...] = ()
    """Breadcrumbs from the root, without the product."""
    price_text: str | None = None
    """As printed; a JSON number is printed with a point."""
    currency_text: str | None = None
    """Code or symbol as printed."""
    price: float | None = None
    """Amount asked now, in `currency`, tax as the site shows it; None = not priced or unreadable."""
    price_max: float | None = None
    """Upper end where a range is asked."""
    list_price: float | None = None
    """The struck or compared-at price."""
    currency: str | None = None
    """ISO 4217."""
    pack_text: str | None = None
    """Net content as printed, e.g. "6 x 340 g"."""
    net_grams: float | None = None
    """Net weight of the whole offer in gram."""
    net_millilitres: float | None = None
    """Net volume of the whole offer in millilitre."""
    price_usd_kg: float | None = None
    """USD per kg (per litre where only a volume is known), at the rate of `rate_date`."""
    rate_date: str | None = None
    """Date of the exchange rate used, YYYY-MM-DD; None = no rate."""
    availability: str | None = None
    """schema.org ItemAvailability without prefix: InStock, OutOfStock, PreOrder, Discontinued ..."""
    seller: Party | None = None
    """Who offers it."""
    country: str | None = None
    """Market where it is offered, ISO 3166-1 alpha-2."""
    language_text: str | None = None
    """Language the page declares."""
    language: str | None = None
    """ISO 639-1; None = unknown."""
    product: str | None = None
    """Product type (`products/*.toml`) it was judged to be."""
    relevance: float | None = None
    """0..1."""
    relevance_why: tuple[str, ...] = ()
    """Reasons behind `relevance`, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A tender, award, request for quotation or buy lead."""

    key: str
    """Publication number or the board's own id."""
    kind: str
    """tender, award, rfq, buy_lead."""
    title: str
    """As printed, in `language`."""
    url: str
    """Page a person can open."""
    source: str = ""
    """Stamped by `spiders/evidence.py`."""
    evidence: Evidence | None = None
    """Stamped by `spiders/evidence.py`."""
    description: str | None = None
    """Plain text, at most 2,000 characters."""
    published_text: str | None = None
    """As printed."""
    published: str | None = None
    """YYYY-MM-DD in the publisher's zone."""
    deadline_text: str | None = None
    """As printed."""
    deadline: str | None = None
    """ISO 8601 with offset where the source gives one."""
    status: str | None = None
    """planned, open, closed, cancelled, unsuccessful, withdrawn, awarded, as the source says; None = it does not say."""
    codes: tuple[str, ...] = ()
    """Classification codes with their scheme, e.g. "cpv:15871260"."""
    value_text: str | None = None
    """As printed."""
    value: float | None = None
    """Amount in `currency`."""
    currency: str | None = None
    """ISO 4217."""
    quantity_text: str | None = None
    """As printed."""
    country_text: str | None = None
    """As printed."""
    country: str | None = None
    """Country of the buyer, ISO 3166-1 alpha-2."""
    language_text: str | None = None
    """Language the source declares."""
    language: str | None = None
    """ISO 639-1."""
    parties: tuple[Party, ...] = ()
    """Authority (role tender_authority) and, on awards, the winners (role distributor)."""
    product: str | None = None
    """Product type it was judged to ask for."""
    relevance: float | None = None
    """0..1."""
    relevance_why: tuple[str, ...] = ()
    """Reasons behind `relevance`, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A firm in a register, importer list or directory."""

    key: str
    """The register's own number, or number and product code where a list is by product."""
    party: Party
    """The firm."""
    url: str
    """Page or query a person can open."""
    source: str = ""
    """Stamped by `spiders/evidence.py`."""
    evidence: Evidence | None = None
    """Stamped by `spiders/evidence.py`."""
    activity_codes: tuple[str, ...] = ()
    """With their scheme and version, e.g. "nace2:46.390"."""
    activity_text: str | None = None
    """What the register says the firm does."""
    product_codes: tuple[str, ...] = ()
    """Goods the register ties to the firm, e.g. "cn8:21039090"."""
    periods: tuple[str, ...] = ()
    """YYYY or YYYY-MM in which the register shows it."""
    status: str | None = None
    """active, bankrupt, dissolving ... as the register means it."""
    product: str | None = None
    """Product type it was judged to deal in."""
    relevance: float | None = None
    """0..1."""
    relevance_why: tuple[str, ...] = ()
    """Reasons behind `relevance`, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A shop or warehouse on a map."""

    key: str
    """E.g. node/123."""
    party: Party
    """The shop."""
    url: str
    """Page a person can open."""
    source: str = ""
    """Stamped by `spiders/evidence.py`."""
    evidence: Evidence | None = None
    """Stamped by `spiders/evidence.py`."""
    latitude: float | None = None
    """WGS 84 degrees."""
    longitude: float | None = None
    """WGS 84 degrees."""
    shop_type: str | None = None
    """E.g. shop=supermarket."""
    tags: tuple[str, ...] = ()
    """Tags that speak for what is sold, "key=value"."""
    brand: str | None = None
    """Chain it belongs to."""
    map_date: str | None = None
    """State of the map, ISO 8601 UTC."""
    product: str | None = None
    """Product type such a shop would carry."""
    relevance: float | None = None
    """0..1."""
    relevance_why: tuple[str, ...] = ()
    """Reasons behind `relevance`, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeFlow:
    """Trade of one country in one code with one partner in one period."""

    key: str
    """reporter|partner|flow|code|period."""
    url: str
    """Query a person can repeat."""
    reporter: str
    """ISO 3166-1 alpha-3 as the source maps it."""
    partner: str
    """ISO 3166-1 alpha-3, or WLD for the world."""
    flow: str
    """import, export, re_import, re_export."""
    hs_code: str
    """HS6 or finer, digits; ALL_GOODS for the trade of everything."""
    period: str
    """YYYY or YYYY-MM."""
    source: str = ""
    """Stamped by `spiders/evidence.py`."""
    evidence: Evidence | None = None
    """Stamped by `spiders/evidence.py`."""
    hs_edition: str | None = None
    """E.g. H6."""
    value: float | None = None
    """In `currency`."""
    currency: str | None = None
    """ISO 4217."""
    valuation: str | None = None
    """CIF or FOB."""
    net_kg: float | None = None
    """Net weight in kg."""
    net_kg_estimated: bool | None = None
    """Whether the publisher estimated the weight."""
    quality: str = "reported"
    """reported, estimated, mirror, or derived: the reader's own sum of what the source printed in parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A number at a time: a price, a count of views, a population."""

    key: str
    """metric|country|period, and more where the source is finer."""
    url: str
    """Query a person can repeat."""
    metric: str
    """Vocabulary of `reference/metrics.toml`."""
    period: str
    """YYYY, YYYY-MM or YYYY-MM-DD."""
    value: float
    """In `unit`."""
    unit: str
    """E.g. USD/kg, views, persons."""
    source: str = ""
    """Stamped by `spiders/evidence.py`."""
    evidence: Evidence | None = None
    """Stamped by `spiders/evidence.py`."""
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    product: str | None = None
    """Product type, where the number is about one."""
    quality: str = "reported"
    """reported, estimated, mirror, crowd, derived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A food-safety notification or border refusal; evidence of why goods are turned back, never against a firm."""

    key: str
    """Reference of the notifying authority."""
    url: str
    """Page a person can open."""
    reason: str | None = None
    """Hazard as printed; None = the notification names none."""
    source: str = ""
    """Stamped by `spiders/evidence.py`."""
    evidence: Evidence | None = None
    """Stamped by `spiders/evidence.py`."""
    country: str | None = None
    """Who refused, ISO 3166-1 alpha-2."""
    origin: str | None = None
    """Where the goods came from, ISO 3166-1 alpha-2; None = unknown, or more than one country."""
    origin_text: str | None = None
    """As printed."""
    product_text: str | None = None
    """As printed."""
    category: str | None = None
    """Group of goods as the authority names it."""
    date: str | None = None
    """YYYY-MM-DD."""
    product: str | None = None
    """Product type it was judged to be about; relevance below one half: about its group only."""
    relevance: float | None = None
    """0..1."""
    relevance_why: tuple[str, ...] = ()
    """Reasons behind `relevance`, in words."""


Seen = Listing | Notice | Registration | Place | TradeFlow | Observation | Refusal
SEEN_TYPES: dict[str, type] = {"listing": Listing, "notice": Notice, "registration": Registration, "place": Place}
SEEN_TYPES |= {"trade_flow": TradeFlow, "observation": Observation, "refusal": Refusal}
"""Record type by the name of its kind; `kind_of` is the way back."""
_KINDS = {cls: kind for kind, cls in SEEN_TYPES.items()}


def kind_of(record: Seen) -> str:
    """Name of the record's kind as used in tables and counts."""
    return _KINDS[type(record)]


def seen_id(record: Seen) -> str:
    """Id of a stamped record: hash of kind, source and the source's own key."""
    return record_id(kind_of(record), record.source, record.key)


def parties_of(record: Seen) -> tuple[Party, ...]:
    """Companies a record names, in a fixed order (empty for numbers)."""
    if isinstance(record, Notice):
        return record.parties
    party = getattr(record, "seller", None) or getattr(record, "party", None)
    return (party,) if isinstance(party, Party) else ()
