"""From a market's picture to the page an official can hand over: few words, each figure with source and year."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import sqlite_utils

from market_db.brief import Brief, Chart, Line, Section, Tile
from market_db.brief.charts import bars, columns, scores
from market_db.brief.html import to_html
from market_db.brief.pdf import to_pdf
from market_db.exports.lists import replacing
from market_db.markets.picture import MarketPicture
from market_db.products import ProductType
from market_db.queries import as_of, is_sample, meta, sources
from market_db.requirements import SIDES, Requirement
from market_db.runs import SourceCard
from market_db.values.places import iso2
from pipelines.index_model import PARTS
from scripts.said import Said
from scripts.screen import plain
from scripts.show.flags import flag_line, tender_lines
from scripts.show.market import gap_line, ladder_lines, looked_line, price_lines, section_lines, untapped_line
from scripts.show.refusals import refused_line

YEARS, ORIGINS, RULES, BUYERS, REASONS, GAPS, TENDERS = 6, 6, 12, 6, 3, 4, 3
FORMATS = ("html", "pdf")


@dataclass(frozen=True, slots=True)
class About:
    """What the page says of itself."""

    product: ProductType
    as_of: str
    cards: tuple[SourceCard, ...]
    sample: bool = False
    """Whether the data are the shipped sample: no statistics, and firms that do not exist."""


def about_of(db: sqlite_utils.Database, product: ProductType) -> About:
    """What a page made of the snapshot says of itself."""
    return About(product, as_of(meta(db)), tuple(sources(db)), is_sample(db))


def write_brief(path: Path, brief: Brief, about: About) -> Path:
    """Write the page as its suffix says, whole or not at all. Raises ExportFailed or its DiskFull."""
    from datetime import datetime

    created = datetime.fromisoformat(about.as_of)
    with replacing(path) as draft:
        if path.suffix == ".pdf":
            draft.write_bytes(to_pdf(brief, created))
        else:
            draft.write_text(to_html(brief), "utf-8")
    return path


def brief_of(said: Said, about: About) -> Brief:
    """The page of a picture."""
    picture, words = said.picture, said.words
    country, name = words.country(picture.market.country), about.product.names[words.language]
    codes = ", ".join(about.product.hs[:1])
    state = words.say("brief.subtitle", codes=codes, day=words.day(about.as_of))
    return Brief(
        language=words.language,
        title=f"{name}: {country}",
        subtitle=f"{words.say('brief.sample')} · {state}" if about.sample else state,
        tiles=tuple(_tiles(said)),
        charts=tuple(_charts(said)),
        sections=tuple(section for section in _sections(said) if section.lines),
        foot=tuple(_foot(said, about)),
        latin=words.say("brief.latin"),
    )


def _tiles(said: Said) -> Iterator[Tile]:
    """Index, evidence, reach, imports and price, side by side and never blended."""
    market, words, shelf = said.picture.market, said.words, said.picture.shelf
    say = words.say
    place = (
        say("brief.watchlist") if market.watchlist or market.rank is None else say("brief.place", rank=market.rank, n=said.picture.rated)
    )
    index = words.no_data if market.index is None else f"{words.number(market.index)} / 100"
    yield Tile(say("brief.index"), index, place)
    yield Tile(say("brief.evidence"), words.percent(market.evidence), say("brief.evidence_note"))
    reach = words.no_data if market.buyers_unknown else words.number(market.buyers_with_contact)
    yield Tile(say("brief.reach"), reach, _looked(said))
    source = said.by(said.picture.years[0].source, market.import_year or "").strip(" ()") if said.picture.years else say("brief.not_zero")
    yield Tile(say("brief.imports"), words.usd(market.import_usd), source)
    median = shelf.median if shelf else None
    note = said.by(", ".join(shelf.sources), shelf.period).strip(" ()") if shelf and median is not None else say("brief.not_zero")
    yield Tile(say("brief.shelf"), words.usd(median), note)


def _looked(said: Said) -> str:
    """How many sources looked; the section of buyers names them."""
    looked = said.picture.looked
    return said.words.count(f"brief.looked_{looked.state}", len(looked.ran or looked.waiting))


def _charts(said: Said) -> Iterator[Chart]:
    picture, words = said.picture, said.words
    if picture.years:
        years = sorted(picture.years[:YEARS], key=lambda one: one.year)
        shown = [(one.year, one.usd, words.usd(one.usd).replace("US$", "")) for one in years]
        yield columns(words.say("brief.by_year"), shown, said.by(years[-1].source).strip(" ()"))
    if picture.origins:
        shown_origins = [
            (words.country(iso2(one.partner) or one.partner), one.usd, words.percent(one.share), one.partner == "IDN")
            for one in (*picture.origins[:ORIGINS], *(o for o in picture.origins[ORIGINS:] if o.partner == "IDN"))
        ]
        yield bars(words.say("brief.by_origin"), shown_origins, said.by(picture.origins[0].source, picture.origins[0].year).strip(" ()"))
    known = {part.part: part.score for part in picture.market.parts}
    parts = [(words.say(f"index_short.{part}"), known.get(part)) for part in PARTS]
    named = sorted({said.titles.get(part.source, part.source) for part in picture.market.parts})
    newest = sorted({part.period[-4:] for part in picture.market.parts if part.period})
    span = "" if not newest else f", {newest[0]}" if newest[0] == newest[-1] else f", {newest[0]}-{newest[-1]}"
    yield scores(words.say("brief.parts"), parts, plain("; ".join(named), 200) + span, words.no_data)


def _sections(said: Said) -> Iterator[Section]:
    picture, words = said.picture, said.words
    rungs = [] if picture.ladder.missing else list(ladder_lines(picture.ladder, said))[-1:]
    kept = [text for text in price_lines(said) if text not in set(ladder_lines(picture.ladder, said))]
    prices = [*kept, *(rungs or ladder_lines(picture.ladder, said))]
    yield Section("how_much", words.say("market.how_much"), tuple(Line(text) for text in _amounts(said)))
    yield Section("price", words.say("market.price"), tuple(Line(text) for text in prices))
    yield Section("flags", words.say("brief.flags"), tuple(_flags(said)))
    yield Section("rules", words.say("market.rules"), tuple(_rules(said)))
    yield Section("refused", words.say("brief.refused"), tuple(Line(refused_line(one, words)) for one in picture.refused[:REASONS]))
    yield Section("buyers", words.say("market.buyers"), tuple(Line(text) for text in _buyers(said)))
    yield Section("tenders", words.say("market.tenders"), tuple(Line(text) for text in list(tender_lines(said))[:TENDERS]))
    gaps = [gap_line(gap, words) for gap in picture.gaps]
    more = [words.say("brief.more", n=words.number(len(gaps) - GAPS))] if len(gaps) > GAPS else []
    yield Section(
        "missing", words.say("market.missing"), tuple(Line(text) for text in [*gaps[:GAPS], *more] or [words.say("market.nothing_missing")])
    )


def _amounts(said: Said) -> Iterator[str]:
    """What the charts do not show: the newest year in words, growth, and what Indonesia could sell beyond what it does."""
    texts = section_lines(said, "how_much")
    yield from texts[:1]
    if said.picture.market.growth is not None and said.picture.years:
        yield texts[len(said.picture.years)]
    yield untapped_line(said)


def _flags(said: Said) -> Iterator[Line]:
    """Warnings and figures in full; what raised none, and what nobody read, in one line each."""
    words = said.words
    for flag in said.picture.flags:
        if flag.state == "warn" or (flag.kind == "currency" and flag.state == "clear"):
            yield Line(flag_line(replace(flag, url=""), said), flag.url)
    for state in ("clear", "unknown"):
        kinds = [flag for flag in said.picture.flags if flag.state == state and not (flag.kind == "currency" and state == "clear")]
        names = ", ".join(words.say(f"flags.{flag.kind}") + said.by(flag.source, flag.period) for flag in kinds)
        if names:
            yield Line(f"[{words.say(f'flag_states.{state}')}] {names}")


def _rules(said: Said) -> Iterator[Line]:
    """Title, state, authority and link; the wording itself stands in `tembus market`."""
    words, rules = said.words, said.picture.requirements
    order = sorted(rules, key=lambda rule: (-SIDES.index(rule.side), rule.state(said.today) != "verified"))
    for rule in order[:RULES]:
        yield Line(_rule(rule, said), rule.url)
    if not said.picture.destination_known:
        yield Line(words.say("market.rules_unknown"))


def _rule(rule: Requirement, said: Said) -> str:
    words = said.words
    title = rule.title_id if words.language == "id" else rule.title_en
    reference = f", {rule.legal_ref}" if rule.legal_ref else ""
    state, kind = words.say(f"rule_states.{rule.state(said.today)}"), words.say(f"rule_kinds.{rule.kind}")
    head = title if title.casefold().startswith(kind.casefold()) else f"{kind}: {title}"
    return plain(f"[{state}, {words.day(rule.checked_on)}] {head}. {rule.authority}{reference}.", 300)


def _buyers(said: Said) -> Iterator[str]:
    texts = section_lines(said, "buyers")
    shown = texts[: min(BUYERS, len(said.picture.leads))]
    yield from shown
    rest = said.picture.lead_total - len(shown)
    if rest > 0:
        yield said.words.say("brief.more", n=said.words.number(rest))
    yield looked_line(said)


def _licence(card: SourceCard) -> str:
    """In brackets, where one is known and the attribution does not name it already."""
    named = card.licence in card.attribution or card.licence in ("", "unknown")
    return "" if named else f" ({card.licence})"


def _foot(said: Said, about: About) -> Iterator[str]:
    words, picture = said.words, said.picture
    names = sources_behind(picture)
    used = [card for card in about.cards if card.name in names]
    credit = "; ".join((card.attribution or card.title) + _licence(card) for card in used)
    if credit:
        yield words.say("brief.sources", names=plain(credit, 900))
    yield words.say("brief.method", version=picture.market.index_version or words.no_data)
    yield words.say("market.no_advice")


def sources_behind(picture: MarketPicture) -> frozenset[str]:
    """Names of the sources of every figure on the page."""
    shelf = picture.shelf.sources if picture.shelf else ()
    steps = (picture.ladder.unit_value, *picture.ladder.steps)
    return frozenset(
        name
        for name in (
            *(part.source for part in picture.market.parts),
            *(year.source for year in picture.years),
            *(origin.source for origin in picture.origins),
            *picture.market.sources,
            *shelf,
            *(step.source for step in steps if step),
            *(flag.source for flag in picture.flags if flag.state != "unknown"),
            *(fact.source for fact in (*picture.notices, *picture.awards)),
        )
        if name
    )
