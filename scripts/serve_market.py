"""What the workspace shows of a market beyond its figures: the printed page, and its sections without the limits of one sheet."""

from collections.abc import Iterator
from dataclasses import replace

import sqlite_utils

from market_db.brief import Brief, Line, Section
from market_db.home import Home
from market_db.products import load_products
from scripts.market_brief import about_of, brief_of
from scripts.said import Said, said_of
from scripts.screen import plain
from scripts.show.flags import flag_line, refused_lines
from scripts.show.market import gap_line, looked_line, rule_text, section_lines
from scripts.show.notices import notice_line
from scripts.words import Language, words_in

MOST_TENDERS = 20


def market_brief(home: Home, db: sqlite_utils.Database, product: str, country: str, language: Language) -> Brief:
    """As `tembus brief`, with the sections in full. Raises KeyError for an unknown product type."""
    kind = load_products()[product]
    said = said_of(home, db, kind, country, words_in(language, home.config.timezone))
    return replace(brief_of(said, about_of(db, kind)), full=tuple(section for section in _full(said) if section.lines))


def _full(said: Said) -> Iterator[Section]:
    words, picture = said.words, said.picture
    standing = section_lines(said, "attractive")[0 if picture.market.index is None else 1 :]  # the page draws the index itself
    yield Section("attractive", words.say("market.attractive"), tuple(Line(text) for text in standing))
    flags = [Line(flag_line(replace(flag, url=""), said), flag.url) for flag in picture.flags]
    yield Section("flags", words.say("brief.flags"), tuple(flags))
    yield Section("rules", words.say("market.rules"), (*_rules(said),))
    yield Section("refused", words.say("brief.refused"), tuple(Line(text) for text in refused_lines(said)))
    yield Section("buyers", words.say("market.buyers"), (Line(looked_line(said)),))
    yield Section("tenders", words.say("market.tenders"), (*_tenders(said),))
    gaps = [gap_line(gap, words) for gap in picture.gaps] or [words.say("market.nothing_missing")]
    yield Section("missing", words.say("market.missing"), tuple(Line(text) for text in gaps))


def _rules(said: Said) -> Iterator[Line]:
    words = said.words
    for rule in said.picture.requirements:
        yield Line(f"{rule_text(rule, said)} ({words.say('market.checked', day=words.day(rule.checked_on))})", rule.url)
    if not said.picture.destination_known:
        yield Line(words.say("market.rules_unknown"))
    yield Line(words.say("market.no_advice"))


def _tenders(said: Said) -> Iterator[Line]:
    """Those still open, then the newest awards; none where none is known, which the page says itself."""
    for fact in (*said.picture.notices[:MOST_TENDERS], *said.picture.awards):
        day = said.words.day(fact.published) if fact.published else ""
        yield Line(f"{notice_line(fact, said.words, said.today)}{said.by(fact.source, day)}", plain(fact.url, 2_000))
