"""Is a record about one of the product types? Names, codes, brands and kinds of shops say so, and each says why."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from market_db.products import ProductType
from market_db.seen import Listing, Notice, Place, Refusal, Registration, Seen, kind_of
from market_db.terms import find_terms
from market_db.values.quantities import few_pieces
from market_db.values.text import plain
from pipelines.context import Context
from pipelines.heads import DISPUTED, HEAD, OTHER, TAIL, read_head
from pipelines.product_words import ProductWords
from pipelines.rejections import OtherProduct

TABLE = Path(__file__).with_name("relevance.toml")
NACE_FAMILY = frozenset(
    {
        "nace",
        "nace2",
        "nace21",
        "naf2",
        "naf25",
        "sic2007",
        "sn2007",
        "sn2025",
        "wz2008",
        "sbi2008",
        "tol2008",
        "tol2025",
        "cznace2",
        "cznace21",
    }
)
"""Schemes that share the first four digits of NACE."""
HANDED_IN = "archive:"
"""Beginning of the source names of pages from archives handed in (`spiders/families/archive.py`)."""
CATEGORY_DEPTH = 2
"""Breadcrumbs from the leaf that speak for a product; those above it hold everything."""
DESCRIPTION_LIMIT = 600
PRICE_SLACK = 3.0
"""A price per kg outside the product's range by more than this factor comes from a misread pack or price."""

REQUESTS = frozenset({"rfq", "buy_lead"})
"""Kinds of notices in which anybody may ask for goods."""

Proof = tuple[str, str]
"""Kind of proof (a key of the table) and the reason in words."""
Judged = tuple[float, tuple[str, ...]]
Judge = Callable[[Any, ProductWords], Iterator[Proof]]


@cache
def table() -> Mapping[str, Any]:
    """The weights."""
    return tomllib.loads(TABLE.read_text("utf-8"))


def keep_relevant(record: Seen, context: Context) -> Seen:
    """The record with the product it is most about, how sure that is and why.

    Raises OtherProduct where nothing reaches the bar; what shows nothing to judge by is kept without a product, and so is
    everything in an archive that a person handed in: it makes no lead, and a product type added later may want it.
    """
    judge = JUDGES.get(type(record))
    if judge is None or not context.words:
        return record
    kind = kind_of(record)
    rated = [(_rate(kind, list(judge(record, words))), words.product) for words in context.words]
    (relevance, why), product = max(rated, key=lambda item: item[0][0])
    if relevance >= table()["bar"][kind]:
        return _tradable(_plausible(_marked(record, product.key, relevance, why), product))
    if record.source.startswith(HANDED_IN):
        return record
    if isinstance(record, Registration) and not (record.activity_codes or record.product_codes or record.activity_text):
        return record
    raise OtherProduct("; ".join(why) or record.url)


def _marked(record: Any, product: str, relevance: float, why: tuple[str, ...]) -> Seen:
    marked: Seen = replace(record, product=product, relevance=relevance, relevance_why=why)
    return marked


def _rate(kind: str, proofs: list[Proof]) -> Judged:
    """The strongest proof, and a little for each further kind; other goods in the name end it."""
    if any(name == OTHER for name, _ in proofs):
        return 0.0, tuple(reason for name, reason in proofs if name == OTHER)
    weights = {name: table()[kind][name] for name, _ in proofs}
    if not weights:
        return 0.0, ()
    score = max(weights.values()) + table()["further"] * (len(weights) - 1)
    ranked = sorted(proofs, key=lambda proof: -weights[proof[0]])
    return round(min(score, table()["most"]), 2), tuple(reason for _, reason in ranked)


def _plausible(record: Seen, product: ProductType) -> Seen:
    """Without a price per kg that this product cannot have."""
    if not isinstance(record, Listing) or record.price_usd_kg is None or product.usd_per_kg is None:
        return record
    low, high = product.usd_per_kg
    if low / PRICE_SLACK <= record.price_usd_kg <= high * PRICE_SLACK:
        return record
    return replace(record, price_usd_kg=None, relevance_why=(*record.relevance_why, "price per kg implausible, left out"))


def _tradable(record: Seen) -> Seen:
    """A request to buy a few pieces, which no trader makes, is kept and judged weak, and says why."""
    few = few_pieces(record.quantity_text) if isinstance(record, Notice) and record.kind in REQUESTS and record.quantity_text else None
    if few is None or not isinstance(record, Notice):
        return record
    weak = min(record.relevance or 0.0, table()["few_pieces"])
    return replace(record, relevance=weak, relevance_why=(*record.relevance_why, f"asks for {few} only: no quantity of a trader"))


def _of_head(words: ProductWords, name: str, language: str | None, what: str) -> Iterator[Proof]:
    verdict, word = read_head(words, name, language)
    reasons = {
        HEAD: f'{what} names it: "{word}"',
        DISPUTED: f'{what} names it beside other goods: "{word}"',
        TAIL: f'{what} has it only as a part: "{word}"',
        OTHER: f'{what} names other goods: "{word}"',
    }
    if verdict in reasons:
        yield verdict, reasons[verdict]


def _term(words: ProductWords, text: str | None, limit: int = DESCRIPTION_LIMIT) -> str | None:
    found = find_terms(text[:limit], words.terms) if text else []
    return found[0].term if found else None


def judge_listing(listing: Listing, words: ProductWords) -> Iterator[Proof]:
    """Name, breadcrumbs, brand, description."""
    head = list(_of_head(words, listing.name, listing.language, "name"))
    yield from head
    if any(verdict == OTHER for verdict, _ in head):
        return
    leaf = " | ".join(listing.category[-CATEGORY_DEPTH:])
    term = _term(words, leaf)
    if term:
        yield "category", f'category "{leaf}" names it: "{term}"'
    brand = plain(listing.brand or "", 100)
    if brand and brand in words.brands:
        yield "brand", f"brand {listing.brand}"
    # A name that says it all needs no description, and the search of long texts is the dearest part.
    term = None if head else _term(words, listing.description)
    if term:
        yield "description", f'description mentions "{term}"'


def judge_notice(notice: Notice, words: ProductWords) -> Iterator[Proof]:
    """Title, classification, description; a title about other goods does not end it, for tenders have many lots."""
    yield from (proof for proof in _of_head(words, notice.title, notice.language, "title") if proof[0] != OTHER)
    product = words.product
    groups = {"cpv": (product.cpv, product.cpv_near), "unspsc": (product.unspsc, product.unspsc_near)}
    for code in notice.codes:
        scheme, _, value = code.partition(":")
        if scheme in groups:
            yield from _coded(value[:8], scheme.upper(), *groups[scheme])
    term = _term(words, notice.description, 2_000)
    if term:
        yield "description", f'description mentions "{term}"'


def _coded(code: str, scheme: str, exact: tuple[str, ...], near: tuple[str, ...]) -> Iterator[Proof]:
    if code in exact:
        yield "code", f"{scheme} {code} is its code"
    elif code in near:
        yield "code_near", f"{scheme} {code} is a group it belongs to"


def judge_registration(firm: Registration, words: ProductWords) -> Iterator[Proof]:
    """Goods and activities the register states, then words; none of them is a proof against."""
    product = words.product
    for code in firm.product_codes:
        digits = re.sub(r"\D", "", code.partition(":")[2])[:10]
        if len(digits) >= 8:
            yield from _coded(digits[:8], "CN", product.cn, ())
        # a finer code that is not among ours names other goods: bitters and chutney are HS 210390 too
        elif len(digits) >= 6:
            yield from _coded(digits[:6], "HS", product.hs if len(digits) == 6 else (), (*product.hs, *product.hs_near))
    for code in firm.activity_codes:
        if trades(code, product):
            yield "activity", f"activity {code}: trades such goods"
    term = _term(words, firm.activity_text)
    if term:
        yield "text", f'activity mentions "{term}"'
    yield from _of_firm_name(firm.party.name, words)


def trades(activity: str, product: ProductType) -> bool:
    """Whether an activity code ("nace2:46.390") is one of firms that trade the product; NACE's daughters agree in four digits."""
    scheme, _, code = activity.partition(":")
    digits = re.sub(r"\W", "", code).lower()
    own = product.activities.get(scheme, ())
    if digits and any(digits.startswith(re.sub(r"\W", "", listed).lower()) for listed in own):
        return True
    nace = product.activities.get("nace2", ()) if scheme in NACE_FAMILY else ()
    return any(digits[:4] == re.sub(r"\D", "", listed) for listed in nace)


def _of_firm_name(name: str, words: ProductWords) -> Iterator[Proof]:
    term = _term(words, name)
    if term:
        yield "name", f'its name says "{term}"'
    found = find_terms(name, words.product.shop_words)
    if found:
        yield "shop_word", f'its name says "{found[0].term}"'


def judge_place(place: Place, words: ProductWords) -> Iterator[Proof]:
    """The shop's name and what its tags say of its kitchen."""
    yield from _of_firm_name(place.party.name, words)
    for tag in place.tags:
        key, _, value = tag.partition("=")
        found = words.origins.intersection(part.strip().lower() for part in value.split(";"))
        if found and key in ("origin", "cuisine"):
            yield "origin", f"{key}={min(found)}"


def judge_refusal(refusal: Refusal, words: ProductWords) -> Iterator[Proof]:
    """The goods as the authority names them, in any language, and the group it puts them in; other words in the name end nothing."""
    yield from (proof for proof in _of_head(words, refusal.product_text or "", None, "product") if proof[0] != OTHER)
    if plain(refusal.category or "") in {plain(group) for group in words.product.refusal_groups}:
        yield "group", f'group "{refusal.category}" holds it'


JUDGES: dict[type, Judge] = {
    Listing: judge_listing,
    Notice: judge_notice,
    Registration: judge_registration,
    Place: judge_place,
    Refusal: judge_refusal,
}
