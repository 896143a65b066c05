"""Leads: a company as a possible buyer of a product, scored by a list of features whose every point has its sentence and evidence."""

import calendar
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from market_db.derived import Company, Lead, Market, Mention, Reason, grade_of
from market_db.markets.trades import Part
from market_db.products import ProductType
from market_db.seen import record_id
from market_db.values.moments import local_day
from pipelines.sentences import Country, Day, Goods, Names, Reasons, Role, RoleProof, Share, Sources, Usd, Words, sentence

WEIGHTS = Path(__file__).with_name("scoring.toml")
MAX_PROOFS = 5
MAX_SOURCES_NAMED = 4


@cache
def weights() -> Mapping[str, Any]:
    """The table; refused when the most points do not add up to 100."""
    found = tomllib.loads(WEIGHTS.read_text("utf-8"))
    if sum(found["most"].values()) != 100 or sum(found["contact"].values()) != found["most"]["contact"]:
        raise ValueError(f"{WEIGHTS.name}: the most points must add up to 100, those of contact to its most")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """What scoring needs beside the company."""

    now: datetime
    products: Mapping[str, ProductType] = field(default_factory=dict)
    markets: Mapping[tuple[str, str], Market] = field(default_factory=dict)
    """(product, country) -> market."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Source name -> title as staff see it."""
    not_buyers: Collection[str] = frozenset()
    """Party ids that people called no buyer."""
    role_wrong: Collection[str] = frozenset()
    """Party ids whose role people called wrong."""
    zone: str = "UTC"
    """Time zone (IANA name) in which sentences tell days."""
    refresh_id: str | None = None
    new_since: Mapping[str, str | None] = field(default_factory=dict)
    """Lead id -> refresh that first listed it."""

    def title(self, source: str) -> str:
        """Title of a source; its name where nobody gave one."""
        return self.titles.get(source) or source

    def called(self, *sources: str) -> Sources:
        """Sources as each language calls them."""
        return Sources(tuple(map(self.title, sources)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One company and one product, with the mentions that speak for it."""

    company: Company
    product: str
    mentions: Sequence[Mention]
    """All of the company, without roles people called wrong."""
    about: Sequence[Mention]
    """Those judged to be about the product, best first."""
    scoring: Scoring

    @property
    def names(self) -> Names:
        """Names of the product by language."""
        product = self.scoring.products.get(self.product)
        return Names(product.names if product else {"en": self.product})


Scored = tuple[float, str, dict[str, object], tuple[str, ...]]
"""Points, variant of the sentence, its fields, evidence ids."""


def day_of(mention: Mention, zone: str) -> str:
    """The date the record speaks of, else the day it was last seen: YYYY-MM-DD or YYYY-MM."""
    return mention.proof_date or local_day(mention.last_seen, zone)


def _moment(mention: Mention, zone: str) -> date:
    """`day_of` as a date: the end of a month or year, never later than it was seen."""
    seen = date.fromisoformat(local_day(mention.last_seen, zone))
    try:
        return min(_end(mention.proof_date), seen) if mention.proof_date else seen
    except ValueError:
        return seen


def _end(text: str) -> date:
    year, month, *_ = (*map(int, text[:7].split("-")), 12)
    return date.fromisoformat(text[:10]) if len(text) >= 10 else date(year, month, calendar.monthrange(year, month)[1])


def _role_points(mention: Mention) -> float:
    table = weights()["role"]
    share = table.get(mention.role, 0.0) if mention.role and mention.role != "unproven" else 0.0
    return float(share * (1.0 if mention.role_proof else table["unproven"]))


def _best_role(case: Case) -> Mention | None:
    """The mention with the most telling role; of equals the one about this product, then the newest."""
    rated = [m for m in case.mentions if _role_points(m) > 0]
    return max(rated, key=lambda m: (_role_points(m), m.product == case.product, day_of(m, case.scoring.zone), m.party_id), default=None)


def role_proof(case: Case) -> Scored:
    """What kind of business it is, and who says so."""
    best = _best_role(case)
    if best is None:
        return 0.0, "unknown", {}, ()
    fields: dict[str, object] = {
        "source": case.scoring.called(best.source),
        "role": Role(best.role or ""),
        "date": Day(day_of(best, case.scoring.zone)),
    }
    points = weights()["most"]["role_proof"] * _role_points(best)
    return points, "proven" if best.role_proof else "named", {**fields, "proof": RoleProof(best.role_proof or "")}, (best.evidence_id,)


def product_proof(case: Case) -> Scored:
    """What ties it to the product."""
    best = case.about[0]
    share = best.relevance or 0.0
    fields: dict[str, object] = {
        "source": case.scoring.called(best.source),
        "proof": Goods(best.product_proof) if best.product_proof else Reasons(best.relevance_why) if best.relevance_why else best.name,
        "product": case.names,
        "date": Day(day_of(best, case.scoring.zone)),
        "share": Share(share),
    }
    return weights()["most"]["product_proof"] * share, _shown_by(best), fields, (best.evidence_id,)


def _shown_by(best: Mention) -> str:
    """Variant of the sentence: who stands in a notice asked, has bought, or won."""
    if best.record_kind != "notice":
        return best.record_kind
    if best.role != "tender_authority":
        return "award"
    return "awarded" if best.notice_kind == "award" else "notice"


def freshness(case: Case) -> Scored:
    """How old the newest proof is. The sentence tells the day, not the age: it is read on later days."""
    zone = case.scoring.zone
    newest = max(case.about, key=lambda m: (_moment(m, zone), m.party_id))
    days = max(0, (case.scoring.now.astimezone(ZoneInfo(zone)).date() - _moment(newest, zone)).days)
    tiers = sorted((int(limit), share) for limit, share in weights()["freshness"].items())
    share = next((share for limit, share in tiers if days <= limit), 0.0)
    fields: dict[str, object] = {"source": case.scoring.called(newest.source), "date": Day(day_of(newest, zone))}
    return weights()["most"]["freshness"] * share, "recent" if share else "old", fields, (newest.evidence_id,)


def contact(case: Case) -> Scored:
    """Whether it can be reached; the contacts themselves stand in the company, not in the sentence."""
    kinds = {known.kind for known in case.company.contacts}
    ordered = tuple(kind for kind in weights()["contact"] if kind in kinds)
    if not ordered:
        return 0.0, "unknown", {}, ()
    evidence = tuple(sorted({known.evidence_id for known in case.company.contacts}))[:MAX_PROOFS]
    last = max(known.last_seen for known in case.company.contacts)
    points = float(sum(weights()["contact"][kind] for kind in ordered))
    return points, "known", {"kinds": Words(ordered), "date": Day(local_day(last, case.scoring.zone))}, evidence


def corroboration(case: Case) -> Scored:
    """How many independent sources show it."""
    sources = case.company.sources
    table = weights()["corroboration"]
    share = table[str(min(len(sources), max(map(int, table))))] if sources else 0.0
    named = replace(case.scoring.called(*sources[:MAX_SOURCES_NAMED]), more=len(sources) > MAX_SOURCES_NAMED)
    newest = {m.source: m.evidence_id for m in sorted(case.mentions, key=lambda m: m.last_seen)}
    fields: dict[str, object] = {"count": len(sources), "sources": named}
    evidence = tuple(newest[source] for source in sources if source in newest)[:MAX_PROOFS]
    return weights()["most"]["corroboration"] * share, "one" if len(sources) == 1 else "many", fields, evidence


def demand(case: Case) -> Scored:
    """How attractive its country is for the product."""
    country = case.company.country
    if not country:
        return 0.0, "nowhere", {}, ()
    market = case.scoring.markets.get((case.product, country))
    if market is None or market.index is None or market.import_usd is None:
        return 0.0, "unknown", {"country": Country(country)}, ()
    product = case.scoring.products.get(case.product)
    fields: dict[str, object] = {
        "country": Country(country),
        "usd": Usd(market.import_usd),
        "product": case.names,
        "hs": product.hs[0] if product and product.hs else "-",
        "year": market.import_year or "",
        "index": market.index,
    }
    return weights()["most"]["demand"] * market.index / 100, "known", fields, market.demand_evidence[:MAX_PROOFS]


FEATURES: tuple[Callable[[Case], Scored], ...] = (role_proof, product_proof, freshness, contact, corroboration, demand)
"""In the order people read them; the name of the function is the name of the feature."""


def _reason(feature: Callable[[Case], Scored], case: Case) -> Reason:
    points, variant, fields, evidence = feature(case)
    name, most = feature.__name__, float(weights()["most"][feature.__name__])
    text_id, text_en = sentence(name, variant, **fields)
    shown = tuple(dict.fromkeys(e for e in evidence if e))
    return Reason(feature=name, points=round(min(points, most), 1), most=most, text_id=text_id, text_en=text_en, evidence_ids=shown)


def leads_of(company: Company, mentions: Iterable[Mention], scoring: Scoring) -> Iterator[Lead]:
    """A lead for every product that a mention of the company was judged to be about; none for sellers, carriers and refused ones."""
    own = sorted(mentions, key=lambda m: m.party_id)
    if any(mention.party_id in scoring.not_buyers for mention in own):
        return
    heard = [mention for mention in own if mention.party_id not in scoring.role_wrong]
    if never_buys(heard):
        return
    for product in sorted({mention.product for mention in own if mention.product}):
        about = sorted((m for m in own if m.product == product), key=_worth)
        yield _lead(Case(company=company, product=product, mentions=heard, about=about, scoring=scoring))


def _worth(mention: Mention) -> tuple[float, int, str]:
    """Best proof first: most relevant, then newest."""
    return (-(mention.relevance or 0.0), -_moment(mention, "UTC").toordinal(), mention.party_id)


Says = TypeVar("Says", Mention, Part)


def never_buys(mentions: Iterable[Says]) -> bool:
    """Whether the company only sells or ships as far as anybody can prove."""
    return who_never_buys(mentions) is not None


def who_never_buys(mentions: Iterable[Says]) -> tuple[str, Says] | None:
    """(carries or only_sells, the mention that says so) of a company that never buys; a quoted proof goes before a name."""
    never = weights()["never"]
    told = sorted((m for m in mentions if m.role), key=lambda m: (not m.role_proof, m.party_id))
    if carrier := next((m for m in told if m.role in never["always"]), None):
        return "carries", carrier
    seller = next((m for m in told if m.role in never["alone"]), None)
    proven = [m for m in told if m.role_proof] or told
    return ("only_sells", seller) if seller and all(m.role in never["alone"] for m in proven) else None


def _lead(case: Case) -> Lead:
    reasons = tuple(_reason(feature, case) for feature in FEATURES)
    score = round(sum(reason.points for reason in reasons), 1)
    lead_id = record_id("lead", case.company.id, case.product)
    best = _best_role(case)
    proofs = dict.fromkeys(mention.product_proof for mention in case.about if mention.product_proof)
    return Lead(
        id=lead_id,
        company_id=case.company.id,
        product=case.product,
        score=score,
        grade=grade_of(score),
        role=best.role if best else None,
        reasons=reasons,
        product_proofs=tuple(proof for proof in proofs if proof)[:MAX_PROOFS],
        last_seen=max(mention.last_seen for mention in case.mentions or case.about),
        new_since=case.scoring.new_since.get(lead_id, case.scoring.refresh_id),
    )
