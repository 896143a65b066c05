"""How an exporter's offer stands in a market and with its buyers: what fits, what does not, and what is not known; never one number."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from babel.languages import get_official_languages

from market_db.exporter import Exporter, Offer
from market_db.exports.lead_row import LeadRow
from market_db.markets.picture import MarketPicture
from market_db.requirements import Requirement
from market_db.values.text import fold

FITS, MISFIT, UNKNOWN = "fits", "misfit", "unknown"
LEAST_PACKS = 3
"""Packs on the shelf from which they tell what is usual."""
MUCH = 0.05
"""A share of a country's imports that one firm alone will hardly sell."""
TO_HOLD = frozenset({"registration", "certificate", "halal", "facility"})
"""Kinds of requirements that an exporter holds or does not hold; the others are worked on product by product."""
SMALL_ROLES = frozenset({"retailer", "food_service"})
"""Single shops and kitchens."""
PALLET_KG = 500.0
"""What a pallet of bottled sauce weighs at the least: more than a single shop orders of one product."""
HALAL = ("halal", "helal", "حلال", "清真", "ハラル", "ハラール", "할랄", "ฮาลาล", "халал", "халяль")
SPOKEN = {"nb": "no", "nn": "no", "gsw": "de", "nan": "zh", "hak": "zh"}
"""Ways of writing or speaking a language in which nobody writes a separate letter -> that language."""
TRADE_ROLES = frozenset({"importer", "distributor", "wholesaler"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One question with its answer."""

    about: str
    """price, pack, capacity, requirement, language, buyers; of a buyer: product, role, contact, order, language, halal, requirement."""
    verdict: str
    """fits, misfit, unknown."""
    why: str
    """Key of the sentence that says it."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """What fills the sentence: amounts in USD/kg, shares 0..1, names."""


@dataclass(frozen=True, slots=True)
class BuyerFit:
    """One buyer with its findings."""

    lead: LeadRow
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class MarketFit:
    """One market with its findings, and its buyers."""

    product: str
    offer: str
    country: str
    index: float | None
    evidence: float | None
    findings: tuple[Finding, ...]
    buyers: tuple[BuyerFit, ...]

    def of(self, verdict: str) -> tuple[Finding, ...]:
        """Findings of one verdict."""
        return tuple(finding for finding in self.findings if finding.verdict == verdict)


def fit_of(exporter: Exporter, offer: Offer, picture: MarketPicture, today: date) -> MarketFit:
    """How an offer stands in one market on a day."""
    market = picture.market
    findings = (
        _price(offer, picture),
        _pack(offer, picture),
        _capacity(exporter, picture),
        *_requirements(exporter, picture.requirements, today),
        _destination(picture),
        _language(exporter, market.country),
        _reach(picture),
    )
    buyers = tuple(BuyerFit(lead, tuple(_buyer(exporter, lead))) for lead in picture.leads)
    kept = tuple(finding for finding in findings if finding is not None)
    return MarketFit(offer.product, offer.name, market.country, market.index, market.evidence, kept, buyers)


def _price(offer: Offer, picture: MarketPicture) -> Finding:
    """Asked FOB against what the shelf leaves; without a ladder the price at the border is told, and nothing is judged by it."""
    if offer.fob_usd_kg is None:
        return Finding("price", UNKNOWN, "no_own_price")
    fob, border = picture.ladder.fob, picture.ladder.unit_value
    if fob is None:
        known = {"border": border.usd_kg[0], "year": border.period} if border else {}
        return Finding("price", UNKNOWN, "no_ladder_border" if border else "no_ladder", {"missing": picture.ladder.missing, **known})
    facts = {"own": offer.fob_usd_kg, "low": fob[0], "high": fob[1]}
    if offer.fob_usd_kg > fob[1]:
        return Finding("price", MISFIT, "too_dear", facts)
    return Finding("price", FITS, "within" if offer.fob_usd_kg > fob[0] else "below", facts)


def _pack(offer: Offer, picture: MarketPicture) -> Finding:
    """Own pack against those on the shelf."""
    packs = sorted(price.grams for price in picture.shelf.plain if price.grams) if picture.shelf else []
    if offer.pack_grams is None or len(packs) < LEAST_PACKS:
        return Finding("pack", UNKNOWN, "no_own_pack" if offer.pack_grams is None else "few_packs", {"n": len(packs)})
    facts = {"own": offer.pack_grams, "least": packs[0], "most": packs[-1], "n": len(packs)}
    inside = packs[0] <= offer.pack_grams <= packs[-1]
    return Finding("pack", FITS if inside else MISFIT, "pack_seen" if inside else "pack_unseen", facts)


def _capacity(exporter: Exporter, picture: MarketPicture) -> Finding:
    """A year's capacity against a year's imports by weight."""
    newest = picture.years[0] if picture.years else None
    if exporter.capacity_kg_month is None or newest is None or not newest.unit_value:
        return Finding("capacity", UNKNOWN, "no_own_capacity" if exporter.capacity_kg_month is None else "no_weight")
    share = exporter.capacity_kg_month * 12 / (newest.usd / newest.unit_value) if newest.usd else 1.0
    facts = {"share": share, "year": newest.year}
    return Finding("capacity", FITS if share <= MUCH else MISFIT, "room" if share <= MUCH else "too_much", facts)


def _requirements(exporter: Exporter, rules: Sequence[Requirement], today: date) -> Iterator[Finding]:
    """What the exporter holds of what is asked; held against nobody: rules to be checked, and Indonesia's papers that only some ask for."""
    for rule in rules:
        if rule.kind not in TO_HOLD or rule.state(today) == "expired":
            continue
        facts = {"key": rule.key, "title_id": rule.title_id, "title_en": rule.title_en}
        if {rule.key.casefold(), rule.kind} & set(exporter.certificates):
            yield Finding("requirement", FITS, "held", facts)
        elif rule.state(today) == "verified" and rule.side == "destination":
            yield Finding("requirement", MISFIT, "not_held", facts)
        else:
            yield Finding("requirement", UNKNOWN, "to_check", facts)


def _destination(picture: MarketPicture) -> Finding | None:
    return None if picture.destination_known else Finding("requirement", UNKNOWN, "rules_unknown")


def _language(exporter: Exporter, country: str) -> Finding:
    """Own languages against the official ones there; English helps nearly everywhere, which is not the same as fitting."""
    spoken = (code.split("_")[0] for code in get_official_languages(country, de_facto=True))
    theirs = tuple(dict.fromkeys(SPOKEN.get(code, code) for code in spoken))
    shared = tuple(code for code in theirs if code in exporter.languages)
    if not exporter.languages or not theirs:
        return Finding("language", UNKNOWN, "no_languages")
    if shared:
        return Finding("language", FITS, "same_language", {"languages": shared})
    if "en" in exporter.languages:
        return Finding("language", UNKNOWN, "english", {"languages": theirs})
    return Finding("language", MISFIT, "other_language", {"languages": theirs})


def _reach(picture: MarketPicture) -> Finding:
    """Whether there is anybody to write to."""
    known = picture.market.buyers_with_contact
    if known:
        return Finding("buyers", FITS, "reachable", {"n": known})
    return Finding("buyers", UNKNOWN, f"buyers_{picture.looked.state}")


def buyer_fit(exporter: Exporter, lead: LeadRow, rules: Sequence[Requirement], today: date) -> BuyerFit:
    """How an offer stands with one buyer, with what its country asks (`rules`) where that speaks against it."""
    asked = [one for one in _requirements(exporter, rules, today) if one.verdict == MISFIT]
    language = _language(exporter, lead.country) if lead.country else Finding("language", UNKNOWN, "no_country")
    order = tuple(_order(exporter, lead))
    # Who seldom orders that much is said once
    own = [one for one in _buyer(exporter, lead) if one.why != "small_buyer" or not order]
    return BuyerFit(lead, (_sells(lead), *own, *order, language, *_halal(exporter, lead), *asked))


def by_fit(found: BuyerFit) -> tuple[int, int, float]:
    """Order of buyers: fewest that speak against, then most that speak for, then the score; never blended into one number."""
    against = sum(one.verdict == MISFIT for one in found.findings)
    return against, -sum(one.verdict == FITS for one in found.findings), -found.lead.score


def _sells(lead: LeadRow) -> Finding:
    return Finding("product", FITS, "sells_it", {"proof": lead.products[0]}) if lead.products else Finding("product", UNKNOWN, "no_proof")


def _order(exporter: Exporter, lead: LeadRow) -> Iterator[Finding]:
    """The exporter's least order against who buys; what one order is worth to a buyer no source tells."""
    kg = exporter.minimum_order_kg
    if kg is None:
        yield Finding("order", UNKNOWN, "no_order")
    elif lead.role in SMALL_ROLES and kg >= PALLET_KG:
        yield Finding("order", MISFIT, "far_too_much", {"role": lead.role, "kg": kg})
    elif lead.role in TRADE_ROLES:
        yield Finding("order", UNKNOWN, "order_unknown", {"kg": kg})


def _halal(exporter: Exporter, lead: LeadRow) -> Iterator[Finding]:
    """Whether a buyer speaks of halal, in any script, against what the exporter holds; who holds it has nothing to fear."""
    said = fold(" ".join((lead.company, *lead.products, lead.website or "")))
    held = any("halal" in name for name in exporter.certificates)
    if any(word in said for word in HALAL):
        yield Finding("halal", FITS, "halal_held") if held else Finding("halal", MISFIT, "halal_missing")
    elif not held:
        yield Finding("halal", UNKNOWN, "halal_unknown")


def _buyer(exporter: Exporter, lead: LeadRow) -> Iterator[Finding]:
    """Role against the least order, and whether there is a contact."""
    if lead.role is None:
        yield Finding("role", UNKNOWN, "no_role")
    elif lead.role in TRADE_ROLES:
        yield Finding("role", FITS, "trades", {"role": lead.role})
    else:
        small = exporter.minimum_order_kg is not None
        yield Finding("role", UNKNOWN, "small_buyer" if small else "other_role", {"role": lead.role, "kg": exporter.minimum_order_kg or 0})
    kinds = tuple(kind for kind in ("email", "phone", "website") if getattr(lead, kind))
    yield Finding("contact", FITS, "contact", {"kinds": kinds}) if kinds else Finding("contact", UNKNOWN, "no_contact")
