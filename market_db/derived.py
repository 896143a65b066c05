"""Derived records: companies, demand, markets and leads. Rebuilt by `refresh`, can be thrown away.

Every number carries its reasons, and every reason its evidence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from market_db.seen import record_id

NOT_LOOKED = frozenset({"nobody", "not_run"})
"""States of a market in which nought is not none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A party of one seen record, with what that record proves about it: what identity and scoring read."""

    party_id: str
    """Id of the party row: hash of record id and position."""
    record_id: str
    """The seen record."""
    record_kind: str
    """listing, notice, registration, place."""
    notice_kind: str | None = None
    """tender, award, rfq, buy_lead; None where the record is no notice."""
    record_url: str | None = None
    """Page or query a person can open; the evidence's own address may be an API call."""
    source: str
    """Name of the source."""
    name: str
    """As printed."""
    role: str | None = None
    """See `seen.Party.role`."""
    role_proof: str | None = None
    """Quoted from the source."""
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    city: str | None = None
    """As printed."""
    address: str | None = None
    """As printed."""
    postcode: str | None = None
    """As printed."""
    registry: str | None = None
    """Which register."""
    registry_id: str | None = None
    """Its number."""
    domain: str | None = None
    """Registrable domain of the website or of the role mailbox; None where shared (free mail, platform)."""
    phones: tuple[str, ...] = ()
    """E.164, valid ones only."""
    emails: tuple[str, ...] = ()
    """Role mailboxes."""
    website: str | None = None
    """http(s) address."""
    faded: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Contact that the record no longer shows -> when it last did, and the evidence of that."""
    product: str | None = None
    """Product type the record was judged to be about."""
    relevance: float | None = None
    """0..1 of that judgement."""
    relevance_why: tuple[str, ...] = ()
    """Reasons behind it, in words."""
    product_proof: str | None = None
    """What the record shows of the product: name of a listing, title of a notice, code of a register."""
    latitude: float | None = None
    """WGS 84 degrees."""
    longitude: float | None = None
    """WGS 84 degrees."""
    proof_date: str | None = None
    """Date the record itself speaks of (notice date, last import month), YYYY-MM or YYYY-MM-DD; None = only seen dates."""
    first_seen: str
    """UTC, ISO 8601."""
    last_seen: str
    """UTC, ISO 8601."""
    evidence_id: str
    """Newest answer that showed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Two parties taken for one company, and why."""

    party_a: str
    party_b: str
    score: float
    """0..1; exact strong keys give 1."""
    reasons: tuple[str, ...]
    """E.g. "same website domain nusantara.example"."""
    reasons_id: tuple[str, ...] = ()
    """The same in Indonesian."""

    def said(self, language: str) -> tuple[str, ...]:
        """Reasons in a language; in English where an older refresh wrote no others."""
        return self.reasons_id or self.reasons if language == "id" else self.reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyEvent:
    """A change of a company: who its records are. Kept for ever; names are read from the records, so that who is forgotten is gone."""

    company_id: str
    kind: str
    """created, joined, took_over, merged_into, moved_in, moved_out, split, split_off, back, lost, gone."""
    other_id: str | None
    """The other company; None where there is none."""
    parties: tuple[str, ...]
    """Records that came or went; for merged_into all that the company had."""
    others: tuple[str, ...] = ()
    """For took_over and merged_into: the records of the company that stayed, before."""
    by: str
    """night, rebuild, or the account name of whoever decided it."""
    person: bool = False
    """Whether a person decided it."""
    reasons: tuple[str, ...] = ()
    """Why, in English and in short, without names or contacts."""
    reasons_id: tuple[str, ...] = ()
    """The same in Indonesian."""
    refresh_id: str
    at: str
    """UTC, ISO 8601."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Two records a person should judge: the answer that is expected to put most records right comes first."""

    party_a: str
    party_b: str
    gain: float
    """Records that the answer is expected to put right."""
    score: float
    """0..1: how sure the machine is that they are one company."""
    together: bool
    """Whether it holds them for one company now."""
    alarm: str | None = None
    """Why it is asked before all others: large, jumped; None = by its gain."""
    reasons: tuple[str, ...]
    reasons_id: tuple[str, ...]

    def said(self, language: str) -> tuple[str, ...]:
        """Reasons in a language."""
        return self.reasons_id if language == "id" else self.reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyContact:
    """A business contact of a company, with its age and how many sources show it."""

    company_id: str
    kind: str
    """email, phone, website."""
    value: str
    """E.164, lower-case address, http(s) address."""
    raw: str
    """As one source printed it."""
    first_seen: str
    last_seen: str
    sources: int
    """Number of independent sources."""
    evidence_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One company, as all its mentions together show it."""

    id: str
    """Stable: the cluster with most old members keeps it."""
    name: str
    """Best of `names`."""
    names: tuple[str, ...]
    """All spellings seen."""
    country: str | None
    """ISO 3166-1 alpha-2; None = unknown or contradictory."""
    city: str | None
    address: str | None
    postcode: str | None
    roles: tuple[str, ...]
    """Best first."""
    sources: tuple[str, ...]
    """Names of the sources that show it."""
    licences_share_alike: bool
    """Whether any part comes from a share-alike database (ODbL)."""
    latitude: float | None
    longitude: float | None
    first_seen: str
    last_seen: str
    since_run: str | None
    """Refresh that first showed it: "new since"."""
    member_ids: tuple[str, ...]
    """Party ids."""
    contacts: tuple[CompanyContact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandSignal:
    """One number about demand; revisions are kept, the newest is current."""

    country: str
    """ISO 3166-1 alpha-2."""
    product: str
    """Product type."""
    hs_code: str | None
    """HS6 the number is about; None = not about a code."""
    partner: str
    """ISO 3166-1 alpha-3 of the origin, or WLD."""
    metric: str
    """`reference/metrics.toml`: import_value_usd, import_net_kg, unit_value_usd_kg, idn_share ..."""
    period: str
    """YYYY or YYYY-MM."""
    value: float
    unit: str
    quality: str
    """reported, estimated, mirror, crowd, derived, doubtful."""
    source: str
    evidence_id: str
    retrieved: str
    """UTC date, YYYY-MM-DD."""
    supersedes: str | None = None
    """Id of the row (`demand_signals.id`) whose value this one replaced; None = the first that was seen."""
    revised_from: float | None = None
    """Value of that row."""
    revised_on: str | None = None
    """UTC date on which the new value was first seen, YYYY-MM-DD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPart:
    """One part of a market's index, as shown: points = score x weight x evidence."""

    part: str
    """size, growth, price, interest, assortment, tariff, openness, logistics, distance, foothold, stability."""
    score: float
    """0..100 between the goalposts."""
    weight: float
    evidence: float
    """0..1: quality of the figure and its age."""
    points: float
    value: float | None
    """The figure behind it, in `unit`."""
    unit: str
    period: str
    quality: str
    source: str
    evidence_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """A product in a country: demand and known buyers in one row. None = no data, which is not 0."""

    product: str
    country: str
    import_usd: float | None
    """Imports of the product's first HS code from the world, USD, in `import_year`."""
    import_year: str | None
    growth: float | None
    """Yearly growth of imports over the last five reported years (Theil-Sen slope of ln), 0.05 = 5 %; needs 3 years."""
    unit_value_usd_kg: float | None
    """Imports per kg, only where the weight is reported."""
    idn_share: float | None
    """Share of Indonesia in imports, 0..1."""
    index: float | None
    """Attractiveness 0..100, shrunk to 50 where evidence is thin; None = no size of the last four years, or nothing to compare with."""
    index_parts: Mapping[str, float] = field(default_factory=dict)
    """Part -> points, with `unknown` for what nobody knows; they add up to the index."""
    parts: tuple[IndexPart, ...] = ()
    unknown_parts: tuple[str, ...] = ()
    """Parts of the index that no source tells of this country."""
    evidence: float | None = None
    """0..1: how much of the index rests on figures, by their quality and age; beside the index, never in it."""
    watchlist: bool = False
    """Evidence below 0.5: shown without a place."""
    rank: int | None = None
    """Place by index among the product's markets with enough evidence."""
    rank_low: int | None = None
    """Best place in 90 % of 1,000 other weightings."""
    rank_high: int | None = None
    """Worst place in 90 % of them."""
    index_version: str | None = None
    """Year, weights and goalposts: indices of one version can be compared."""
    untapped_usd: float | None = None
    """What Indonesia could sell here beyond what it does, USD a year; None = an input is unknown."""
    buyers: int = 0
    """Companies known for this product here."""
    buyers_with_contact: int = 0
    tenders: int = 0
    """Tenders and awards seen."""
    shelf_price_usd_kg: float | None = None
    """Median of listings with price and weight; None = none seen."""
    shelf_prices: int = 0
    """Number of listings behind the median."""
    sources: tuple[str, ...] = ()
    evidence_ids: tuple[str, ...] = ()
    demand_evidence: tuple[str, ...] = ()
    """Those of `evidence_ids` that show the demand; the others show buyers and prices."""
    growth_years: str | None = None
    """First and last year behind `growth`, e.g. 2021-2025."""
    unit_value_year: str | None = None
    """Year of `unit_value_usd_kg`."""
    share_year: str | None = None
    """Year of `idn_share`."""
    looked: str = ""
    """Whether any source looks for buyers here: looked, not_run (on, without a good run yet) or nobody; only then 0 buyers are none."""
    tenders_looked: str = ""
    """The same of sources for tenders."""

    @property
    def buyers_unknown(self) -> bool:
        """Whether 0 buyers only mean that nobody looked."""
        return self.buyers == 0 and self.looked in NOT_LOOKED

    @property
    def tenders_unknown(self) -> bool:
        """Whether 0 tenders only mean that nobody looked."""
        return self.tenders == 0 and self.tenders_looked in NOT_LOOKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One line of a score."""

    feature: str
    """role_proof, product_proof, freshness, contact, demand, corroboration."""
    points: float
    most: float
    """Points this feature could give."""
    text_id: str
    """One sentence in Indonesian."""
    text_en: str
    """The same in English."""
    evidence_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A company as a possible buyer of a product."""

    id: str
    """Hash of company id and product."""
    company_id: str
    product: str
    score: float
    """0..100, the sum of the reasons' points."""
    grade: str
    """A, B or C."""
    role: str | None
    """The role that counts for this lead."""
    reasons: tuple[Reason, ...]
    product_proofs: tuple[str, ...]
    """What the company sells, sought or imported, as printed, best first, at most 5."""
    last_seen: str
    """UTC, ISO 8601: newest evidence."""
    new_since: str | None
    """Refresh run that first listed the lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLead:
    """A company that was turned down as a lead, with the reason, so that an advisor can check it."""

    company_id: str
    product: str
    """Key of the product type it deals in; "" = nothing shows any."""
    reason: str
    """judged (a person said so), carries (goods of others), only_sells (a competitor), no_product (nothing ties it to a product)."""
    text_id: str
    """The reason as a sentence, in Indonesian, with source, date and what was printed."""
    text_en: str
    evidence_ids: tuple[str, ...]
    """What shows it."""
    last_seen: str
    """UTC, ISO 8601: newest evidence."""


def lead_id(company_id: str, product: str) -> str:
    """Id of a lead: follow-ups and workbooks hold on to it."""
    return record_id("lead", company_id, product)


def grade_of(score: float) -> str:
    """A from 70 points, B from 45, C below."""
    return "A" if score >= 70 else "B" if score >= 45 else "C"
