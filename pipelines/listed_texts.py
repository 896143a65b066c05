"""Keeps what stands on the do-not-contact list out of the texts of records that are stored: names of goods, titles, addresses, proofs."""

from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from market_db.forgetting.silence import REMOVED, Silence
from market_db.products import ProductType
from market_db.seen import Listing, Notice, Party, Place, Refusal, Registration, Seen, parties_of
from market_db.values.text import plain
from pipelines.companies.faces import generic_words
from pipelines.context import Context, Nobody, SuppressionList
from pipelines.parties import with_parties
from pipelines.rejections import Suppressed

TEXTS: dict[type, tuple[str, ...]] = {
    Listing: ("name", "description", "brand", "category", "relevance_why"),
    Notice: ("title", "description", "relevance_why"),
    Registration: ("activity_text", "relevance_why"),
    Place: ("brand", "shop_type", "tags", "relevance_why"),
    Refusal: ("reason", "product_text", "origin_text", "category", "relevance_why"),
    Party: ("address", "role_proof"),
}
"""Texts by kind of record."""
NAMES = ("name", "city", "region", "country_text")
"""Texts of a party that are searched for contacts only: they may hold, or be, the words of the firm that asked."""
REQUIRED = frozenset({"name", "title"})


_MADE: dict[tuple[int, tuple[str, ...]], tuple[SuppressionList, Silence]] = {}
MOST_MADE = 1_000


def _silence(context: Context, refused: tuple[str, ...]) -> Silence:
    """What cuts, made once for a list and the names of parties that were just refused: a shop has thousands of records of one seller."""
    listed = context.suppressed
    key = (id(listed), refused)
    if key not in _MADE or _MADE[key][0] is not listed:
        if len(_MADE) >= MOST_MADE:
            _MADE.clear()
        _MADE[key] = (listed, Silence(listed, names=refused, generic=words_of_goods(context.products)))
    return _MADE[key][1]


def words_of_goods(products: tuple[ProductType, ...]) -> frozenset[str]:
    """Words by which alone no firm is looked for in a text: trades, places, and those that name the goods themselves."""
    terms = {word for product in products for group in product.terms.values() for term in group for word in plain(term).split()}
    return generic_words() | terms


def without_listed(record: Seen, context: Context, refused: tuple[str, ...] = ()) -> Seen:
    """The record with nothing of the list in its texts, nor any of the `refused` names of parties that were taken out of it.

    Raises Suppressed where its address names one of them: a page must be opened under its own address, so nothing can be cut there.
    """
    if not refused and (not context.suppressed or isinstance(context.suppressed, Nobody)):
        return record
    silence = _silence(context, refused)
    _check_address(record, silence)
    changed: Seen = _cut(record, silence, getattr(record, "country", None))
    parties = parties_of(changed)
    if parties:
        changed = with_parties(changed, tuple(_cut_party(party, silence) for party in parties))
    if changed != record:
        context.dropped.add(record.source, "suppressed_text")
    return changed


def _check_address(record: Seen, silence: Silence) -> None:
    for text in {record.url, record.key}:
        shown = unquote(text)
        if silence.cut(shown, names=False) != shown or any(pattern.search(shown) for pattern in silence.patterns):
            raise Suppressed(record.source)


def _cut_party(party: Party, silence: Silence) -> Party:
    cut: Party = _cut(party, silence, party.country)
    shown = {name: text for name in NAMES if (text := getattr(party, name))}
    changes: dict[str, Any] = {name: silence.cut(text, country=party.country, names=False) for name, text in shown.items()}
    return cut if changes == shown else replace(cut, **changes)


def _cut(thing: Any, silence: Silence, country: str | None) -> Any:
    """A record or party with its texts cut; the same object where nothing was to do."""
    changes: dict[str, Any] = {}
    for name in TEXTS.get(type(thing), ()):
        value = getattr(thing, name)
        new = _cut_value(value, silence, country, required=name in REQUIRED) if value else value
        if new != value:
            changes[name] = new
    return replace(thing, **changes) if changes else thing


def _cut_value(value: str | tuple[str, ...], silence: Silence, country: str | None, *, required: bool) -> str | tuple[str, ...] | None:
    if isinstance(value, tuple):
        return tuple(new for text in value if (new := silence(text, country)) != REMOVED)
    new = silence(value, country)
    return None if new == REMOVED and not required else new
