"""The other sheets of the workbook: markets, sources and method, glossary, and the hidden list of statuses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from market_db.derived import Market
from market_db.exports.text import short_address, web_link
from market_db.runs import Run, SourceCard
from market_db.workbook.pen import Cell, Link, Pen
from market_db.workbook.room import About, Counts, Room, dress, links_cut, rows_of, styled
from market_db.workbook.words import Words, glossary


@dataclass(frozen=True, slots=True)
class MarketColumn:
    """A column of the market sheet; None in it is written as "no data"."""

    key: str
    width: float
    style: str


MARKETS: tuple[MarketColumn, ...] = (
    MarketColumn("import_usd", 17, "money"),
    MarketColumn("import_year", 15, "whole"),
    MarketColumn("growth", 15, "percent"),
    MarketColumn("growth_years", 13, "text"),
    MarketColumn("unit_value_usd_kg", 15, "price"),
    MarketColumn("unit_value_year", 13, "whole"),
    MarketColumn("idn_share", 15, "percent"),
    MarketColumn("share_year", 13, "whole"),
    MarketColumn("shelf_price_usd_kg", 15, "price"),
    MarketColumn("shelf_prices", 15, "count"),
    MarketColumn("index", 15, "whole"),
    MarketColumn("evidence", 15, "percent"),
    MarketColumn("rank", 15, "count"),
    MarketColumn("buyers", 15, "count"),
    MarketColumn("buyers_with_contact", 15, "count"),
    MarketColumn("tenders", 15, "count"),
)


def write_markets(room: Room, markets: Iterable[Market], counts: Counts, sources: Iterable[SourceCard]) -> None:
    """Demand of the countries in the list, in the order of the list; what is not known says so."""
    pen, words = room.pen("markets"), room.words
    titles = {card.name: words.source(card.title) for card in sources}
    known = {(market.country, market.product): market for market in markets}
    pen.set_columns((18, 18, *(column.width for column in MARKETS), 30))
    keys = ("country", "product", *(column.key for column in MARKETS), "sources")
    pen.write([(words.say("markets", key), "header") for key in keys], least=48)
    for country, product in counts.markets:
        pen.write(_market_row(room, country, product, known.get((country, product)), titles))
    last = max(pen.row - 1, 1)
    pen.skip()
    for line in words.lines("market_notes"):
        pen.write([(line, "note")])
    dress(pen.sheet, words, words.say("sheets", "markets"))
    pen.sheet.freeze_panes(1, 1)
    pen.sheet.autofilter(0, 0, last, len(keys) - 1)
    pen.sheet.ignore_errors({"number_stored_as_text": f"A2:S{last + 1}"})


def _market_row(room: Room, country: str, product: str, market: Market | None, titles: Mapping[str, str]) -> list[tuple[Cell, str]]:
    cells: list[tuple[Cell, str]] = [(room.words.country(country), "strong"), (room.product(product), "text")]
    for column in MARKETS:
        value = getattr(market, column.key) if market else None
        if unknown := _not_looked(column.key, market):
            cells.append((room.words.say("notes", f"looked_{unknown}"), "faded"))
            continue
        if column.key == "rank" and market is not None and market.watchlist:
            cells.append((room.words.say("notes", "watchlist"), "faded"))
            continue
        cells.append((room.words.say("notes", "no_data"), "faded") if value is None else (_year(value), column.style))
    named = "; ".join(titles.get(name, name) for name in market.sources) if market else ""
    return [*cells, (named, "text")]


def _not_looked(key: str, market: Market | None) -> str:
    """Why a count of 0 is not none: not_run or nobody; empty = it is, or another column."""
    if market and market.buyers_unknown and key in ("buyers", "buyers_with_contact"):
        return market.looked
    return market.tenders_looked if market and market.tenders_unknown and key == "tenders" else ""


def _year(value: Cell) -> Cell:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


SOURCE_COLUMNS = ("title", "attribution", "licence", "publisher", "crawled", "verdict", "scraped", "rows", "terms")
_METHOD_WIDTHS = (27, 58, 22, 22, 13, 20, 10, 10, 24)


def write_method(room: Room, about: About, counts: Counts, sources: Iterable[SourceCard], runs: Mapping[str, Run]) -> None:
    """Where the list comes from, what its score means, how its contacts may be used, and whom to name."""
    pen, words = room.pen("method"), room.words
    pen.set_columns(_METHOD_WIDTHS)
    _write_facts(pen, room, about, counts)
    if any(run.mode == "sample" for run in runs.values()):
        pen.write([(words.say("method", "sample"), "key"), (words.say("method", "sample_note"), "wrapped_note")])
    for group, lines in (("score", "score_lines"), ("rules", "rules")):
        _heading(pen, words.say("method", group))
        for number, line in enumerate(words.lines(lines), 1):
            pen.write([(f"{number}.", "wrapped_number"), (line, "wrapped_note")])
    cards = tuple(sources)
    _write_sources(pen, room, counts, cards, runs, created=about.created)
    _write_attributions(pen, room, counts, cards)
    dress(pen.sheet, words, words.say("sheets", "method"), words.day(about.created), repeat=None)


def _heading(pen: Pen, text: str) -> None:
    pen.skip()
    pen.write([(text, "heading")], least=22)


def _write_facts(pen: Pen, room: Room, about: About, counts: Counts) -> None:
    words = room.words
    links = links_cut(words, counts) if counts.links_as_text else words.say("notes", "links_all")
    facts = {
        "created": words.moment(about.created),
        "snapshot": words.moment(about.snapshot_at) if about.snapshot_at else words.say("notes", "no_data"),
        "products": ", ".join(room.product_names.values()) or words.say("notes", "no_data"),
        "filter": about.filter_words.strip() or words.say("method", "no_filter"),
        "rows": rows_of(words, counts, about),
        "links": links,
    }
    pen.write([(words.say("sheets", "method"), "heading")], least=22)
    for key, fact in facts.items():
        pen.write([(words.say("method", key), "key"), (fact, "wrapped_note")])


def _write_sources(
    pen: Pen, room: Room, counts: Counts, cards: Iterable[SourceCard], runs: Mapping[str, Run], *, created: datetime
) -> None:
    """The sources, those behind this list first."""
    words = room.words
    _heading(pen, words.say("method", "sources"))
    pen.write([(words.say("source_columns", key), "header") for key in SOURCE_COLUMNS], least=32)
    for card in sorted(cards, key=lambda card: (-counts.sources[card.title], card.title.casefold())):
        run = runs.get(card.name)
        terms = web_link(card.terms_url)
        pen.write(
            [
                (words.source(card.title), "strong"),
                (card.attribution, "text"),
                (card.licence if card.licence not in ("", "unknown") else words.say("method", "unknown_licence"), "text"),
                (card.publisher, "text"),
                (_day(run, created), "date"),
                (_verdict(words, card, run), "text"),
                (run.scraped if run else None, "count"),
                (counts.sources[card.title], "count"),
                styled(Link(terms, short_address(terms), terms) if terms else card.terms_url, "link"),
            ]
        )


def _day(run: Run | None, written: datetime) -> Cell:
    """Day of a run, in the zone of the moment at which the workbook is written."""
    if run is None or run.verdict == "not_run":
        return None
    try:
        return datetime.fromisoformat(run.ended or run.started).astimezone(written.tzinfo).date()
    except ValueError:
        return run.ended or run.started


def _verdict(words: Words, card: SourceCard, run: Run | None) -> str:
    if run is None:
        return words.say("verdicts", "not_run" if card.enabled else "off")
    said, mode = words.label("verdicts", run.verdict), words.label("modes", run.mode)
    return f"{said} ({mode})" if mode else str(said)


def _write_attributions(pen: Pen, room: Room, counts: Counts, cards: Iterable[SourceCard]) -> None:
    """Lines the rows bring along that no listed source carries."""
    listed = {card.attribution for card in cards}
    others = [line for line in counts.attributions if line not in listed]
    if not others:
        return
    _heading(pen, room.words.say("method", "attributions"))
    for line in others:
        pen.write([(None, "key"), (line, "wrapped_note")])


def write_glossary(room: Room) -> None:
    """Words of the trade, in both languages whatever the language of the workbook: firm and buyer may read it together."""
    pen = room.pen("glossary")
    pen.set_columns((14, 34, 62, 62))
    pen.write([(room.words.say("glossary", key), "header") for key in ("term", "long", "id", "en")], least=24)
    for entry in glossary():
        pen.write([(entry["term"], "strong"), (entry["long"], "text"), (entry["id"], "text"), (entry["en"], "text")])
    dress(pen.sheet, room.words, room.words.say("sheets", "glossary"))
    pen.sheet.freeze_panes(1, 1)


def write_lists(room: Room) -> None:
    """The hidden sheet behind the drop-downs."""
    pen = room.pen("lists")
    for pair in zip_longest(room.words.lines("statuses"), room.words.lines("verdict_choices")):
        pen.write([(text, "text") for text in pair])
    pen.sheet.hide()
