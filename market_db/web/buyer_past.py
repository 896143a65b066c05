"""What a buyer's page tells of the past: what became of the company, what people did, and how its prices changed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from market_db.buyer_facts import Entered
from market_db.companies.history import Change
from market_db.markets.offers import Offer, PricePoint
from market_db.queries import LeadDetail
from market_db.saying import Words
from market_db.web.looks import plain

MOST_LINES = 40
MOST_OFFERS = 20
MOST_PRICES = 12
MOST_SHOPS = 6
LEAST_POINTS = 3
"""Prices from which a line tells more than a table."""
WIDTH, HEIGHT, EDGE = 320.0, 72.0, 8.0


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the past."""

    at: str
    """UTC, ISO 8601; a bare date where no hour is known."""
    what: str
    by: str = ""
    why: str = ""
    """A sentence of ours, or what a person wrote."""


def past(detail: LeadDetail, entered: Entered, words: Words) -> list[Step]:
    """Everything that happened, newest first: changes of the company, the follow-up, corrections, first and last seen."""
    steps = [_changed(change, words) for change in detail.history]
    steps += [Step(one.entered_at, words.say(f"statuses.{one.status}"), one.entered_by, one.note) for one in entered.follow_ups]
    steps += [Step(one.entered_at, words.say(f"judgements.{one.kind}"), one.entered_by, one.note) for one in entered.decisions]
    seen = {"last_seen": detail.company.last_seen, "first_seen": detail.company.first_seen}
    steps += [Step(at, words.say(f"buyer.{key}")) for key, at in seen.items()]
    return sorted(steps, key=lambda step: _moment(step.at), reverse=True)[:MOST_LINES]


def _moment(text: str) -> str:
    """UTC as text that sorts; notes of people and of the night are written with and without their zone."""
    return datetime.fromisoformat(text).isoformat()[:19]


def _changed(change: Change, words: Words) -> Step:
    event, nobody = change.event, words.say("buyer.forgotten")
    name, other = plain(" / ".join(change.names) or nobody, 160), plain(change.other or nobody, 160)
    what = words.count(f"events.{event.kind}", len(event.parties), name=name, other=other)
    by = event.by if event.person or not words.has(f"compared_by.{event.by}") else words.say(f"compared_by.{event.by}")
    why = event.reasons_id or event.reasons if words.language == "id" else event.reasons
    return Step(event.at, what, by, "; ".join(why))


@dataclass(frozen=True, slots=True)
class Priced:
    """One offer whose price changed, or that other shops sell too."""

    offer: Offer
    points: tuple[PricePoint, ...]
    """Newest first."""
    left_out: int
    """Older prices that are not shown."""
    lines: tuple[tuple[str, Markup], ...]
    """(what it spans in words, prices over time as a line) of each currency that was seen often enough."""


def priced(offers: Sequence[Offer], words: Words) -> list[Priced]:
    """Offers that have a past, those that changed most first."""
    told = [offer for offer in offers if len(offer.prices) > 1 or (offer.prices and offer.elsewhere)]
    told.sort(key=lambda offer: (-len(offer.prices), -len(offer.elsewhere)))
    return [_priced(offer, words) for offer in told[:MOST_OFFERS]]


def _priced(offer: Offer, words: Words) -> Priced:
    points = tuple(reversed(offer.prices))
    return Priced(offer, points[:MOST_PRICES], max(len(points) - MOST_PRICES, 0), tuple(_lines(offer, words)))


def _lines(offer: Offer, words: Words) -> Iterator[tuple[str, Markup]]:
    by_currency: dict[str, list[PricePoint]] = defaultdict(list)
    for point in offer.prices:
        if point.currency:
            by_currency[point.currency].append(point)
    for currency, points in by_currency.items():
        if len(points) >= LEAST_POINTS:
            amounts = sorted(point.price for point in points)
            low, high = (f"{currency} {words.number(amount, 2)}" for amount in (amounts[0], amounts[-1]))
            spans = f"{low} – {high} · {words.day(points[0].at)} – {words.day(max(offer.last_seen, points[-1].at))}"
            steps = [(point.at, point.price, f"{words.day(point.at)}: {currency} {words.number(point.price, 2)}") for point in points]
            yield spans, price_line(steps, offer.last_seen, words.say("buyer.price_line", low=low, high=high))


def price_line(points: Sequence[tuple[str, float, str]], until: str, label: str) -> Markup:
    """(UTC as ISO 8601, price, what it says when pointed at), oldest first, as steps: each price holds to the next, the last to `until`.

    The table beside it says the same.
    """
    days = [datetime.fromisoformat(at).timestamp() for at, _, _ in points]
    end = max(datetime.fromisoformat(until).timestamp(), days[-1])
    low, high = min(price for _, price, _ in points), max(price for _, price, _ in points)
    across, up = (WIDTH - 2 * EDGE) / ((end - days[0]) or 1.0), (HEIGHT - 2 * EDGE) / ((high - low) or 1.0)
    spots = [(EDGE + (day - days[0]) * across, HEIGHT - EDGE - (one[1] - low) * up) for day, one in zip(days, points, strict=True)]
    steps = "".join(f"H{x:.1f}V{y:.1f}" for x, y in spots[1:])
    path = f"M{spots[0][0]:.1f} {spots[0][1]:.1f}{steps}H{EDGE + (end - days[0]) * across:.1f}"
    dot = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3.5"><title>{}</title></circle>')
    dots = Markup("").join(dot.format(x, y, title) for (x, y), (_, _, title) in zip(spots, points, strict=True))
    return Markup('<svg class="prices" viewBox="0 0 {:g} {:g}" role="img" aria-label="{}"><path d="{}"/>{}</svg>').format(
        WIDTH, HEIGHT, label, path, dots
    )
