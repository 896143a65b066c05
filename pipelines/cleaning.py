"""The second step: text without what breaks databases, sheets or eyes; dates read; people's addresses taken out of free text."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from market_db.seen import Listing, Notice, Observation, Party, Place, Refusal, Registration, Seen, TradeFlow, parties_of
from market_db.values.dates import Habit, read_date, read_deadline
from market_db.values.emails import addresses_in, is_personal
from market_db.values.text import clean as clean_text
from pipelines.context import Context
from pipelines.parties import with_parties
from pipelines.rejections import FutureDate

SHORT, LINE, LONG = 100, 300, 2_000
ZONES = timedelta(days=1)
"""A publisher east of us is a day ahead at most."""

LIMITS: dict[type, dict[str, int]] = {
    Listing: {
        "name": LINE, "description": LONG, "brand": SHORT, "gtin": SHORT, "price_text": SHORT, "currency_text": SHORT, "pack_text": LINE,
        "availability": SHORT, "language_text": SHORT,
    },
    Notice: {
        "title": LINE, "description": LONG, "published_text": SHORT, "deadline_text": SHORT, "value_text": SHORT, "quantity_text": LINE,
        "country_text": LINE, "language_text": SHORT,
    },
    Registration: {"activity_text": LINE, "status": SHORT},
    Place: {"shop_type": SHORT, "brand": SHORT, "map_date": SHORT},
    Refusal: {"reason": LINE, "product_text": LINE, "origin_text": LINE, "category": LINE},
    TradeFlow: {"hs_edition": SHORT},
    Observation: {},
    Party: {
        "name": LINE, "role_proof": LINE, "country_text": LINE, "region": SHORT, "city": SHORT, "address": LINE, "postcode": SHORT,
        "registry_id": SHORT, "website": LONG,
    },
}  # fmt: skip
"""Text field -> most characters kept."""
LISTS: dict[type, tuple[str, ...]] = {Listing: ("category",), Party: ("phones_text", "emails_text"), Place: ("tags",)}
REQUIRED = frozenset({"name", "title"})
MAX_ENTRIES = 30
READ_LATER = frozenset({"website", "phones_text", "emails_text", "gtin"})
"""Texts that `keep_business_contacts` reads itself; out of all others the addresses of persons are taken."""


def clean(record: Seen, context: Context) -> Seen:
    """The record with every text cut and cleaned, empty ones None, and a notice's dates read.

    Raises FutureDate for a notice of a day to come.
    """
    record = _cleaned(record, record.source, context)
    parties = parties_of(record)
    if parties:
        record = with_parties(record, tuple(_cleaned(party, record.source, context) for party in parties))
    if isinstance(record, Place):
        return _on_earth(record)
    return _dated(record, context) if isinstance(record, Notice) else record


def _cleaned(thing: Any, source: str, context: Context) -> Any:
    """A record or party with its texts cleaned; the same object where nothing was to do."""
    changes: dict[str, Any] = {}
    for name, limit in LIMITS[type(thing)].items():
        value = getattr(thing, name)
        if value is not None:
            _note(changes, name, value, _text(name, value, limit, source, context))
    for name in LISTS.get(type(thing), ()):
        values = getattr(thing, name)
        texts = (_text(name, value, LINE, source, context) for value in values[:MAX_ENTRIES])
        _note(changes, name, values, tuple(text for text in texts if text))
    return replace(thing, **changes) if changes else thing


def _note(changes: dict[str, Any], name: str, old: object, new: object) -> None:
    if new != old:
        changes[name] = new


def _text(name: str, value: str, limit: int, source: str, context: Context) -> str | None:
    text = tidy(value, limit)
    if name not in READ_LATER:
        text = _without_people(text, source, context)
    return text if text or name in REQUIRED else None


def tidy(value: str, limit: int) -> str:
    """As `values.text.clean`; most shop text is tidy already, and saying so is ten times cheaper than cleaning it."""
    if len(value) <= limit and value.isascii() and value.isprintable() and "  " not in value and value == value.strip():
        return value
    return clean_text(value, limit)


def _without_people(text: str, source: str, context: Context) -> str:
    """The text without the mail addresses of persons, however they are written (full-width ＠, [at], &#64;)."""
    pieces, at = [], 0
    for start, end, address in sorted(addresses_in(text)):
        if start >= at and is_personal(address):
            pieces += [text[at:start], "[...]"]
            at = end
            context.dropped.add(source, "personal_email")
    return "".join((*pieces, text[at:])) if pieces else text


def _dated(notice: Notice, context: Context) -> Notice:
    hint = context.hint(notice.source)
    habit = Habit(hint.date_order, hint.zone, notice.evidence.fetched_at if notice.evidence else None)
    published = notice.published or (read_date(notice.published_text, habit) if notice.published_text else None)
    deadline = notice.deadline or (read_deadline(notice.deadline_text, habit) if notice.deadline_text else None)
    if published and published[:10] > (context.as_of + ZONES).isoformat():
        raise FutureDate(published)
    return replace(notice, published=published, deadline=deadline)


def _on_earth(place: Place) -> Place:
    """Without a position that is none: outside the globe, or the null island that broken geocoders send everybody to."""
    lat, lon = place.latitude, place.longitude
    if lat is None or lon is None or not (-90 <= lat <= 90 and -180 <= lon <= 180) or (lat, lon) == (0, 0):
        return replace(place, latitude=None, longitude=None)
    return place
