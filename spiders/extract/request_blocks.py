"""A card or page of a board of requests to buy as a Notice: what is wanted, how much, from which country, since when."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from market_db.reference import words
from market_db.seen import Notice, Party
from market_db.values.dates import read_date, read_deadline
from market_db.values.emails import addresses_in
from market_db.values.names import is_placeholder, looks_like_company
from market_db.values.persons import sole_trader_form
from market_db.values.places import read_country
from market_db.values.quantities import few_pieces
from market_db.values.relative_dates import read_relative
from market_db.values.text import clean, fold, plain
from spiders.extract.blocks import Block
from spiders.extract.firm_blocks import names_person
from spiders.extract.labelled import label_words
from spiders.extract.page import page_key
from spiders.extract.text import lines_of
from spiders.reading import Issue, Read, Rejected

MAX_TITLE = 300
SHORT_LINE = 60
MARK = "[...]"
"""In place of a number or mailbox that somebody wrote into a text."""
LEAST_DIGITS = 9
"""Digits of the shortest run that is taken for a telephone number; dates have eight."""
_DIGITS = re.compile(r"\d")
_NUMBER = re.compile(r"(?<![\w.,])(?:\+|\(?0)[\d\s()./-]{7,22}\d(?!\w)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What holds for every request of a board."""

    kind: str = "rfq"
    """rfq or buy_lead."""
    now: datetime
    """When the page was written: relative dates count from it."""
    language: str | None = None


def request_of(block: Block, asked: Asked) -> Iterator[Read]:
    """The request of a block, or why there is none; names of persons who buy are left out and told."""
    title, url = _title(block), block.url
    if not title or is_placeholder(title):
        yield Rejected("no_title", "")
        return
    if not url:
        yield Rejected("no_link", "")
        return
    posted, deadline = _posted(block, asked.now), block.text("deadline")
    buyer, persons = _buyer(block)
    country = _country(block)
    texts = [without_contacts(text) if text else None for text in (title, block.text("description"))]
    notice = Notice(
        key=(clean(block.text("id") or "", 80) if "id" in block.selectors else "") or page_key(url),
        kind=asked.kind,
        title=texts[0] or title,
        url=url,
        description=texts[1],
        published_text=posted[0],
        published=posted[1],
        deadline_text=deadline,
        deadline=read_deadline(deadline) if deadline else None,
        quantity_text=block.text("quantity"),
        country_text=country,
        language_text=asked.language,
        parties=(Party(name=buyer, country_text=country),) if buyer else (),
    )
    yield notice
    if persons or block.persons:
        yield Issue("person_left_out", "buyers' names that are persons' were not read")
    if texts != [title, block.text("description")]:
        yield Issue("contact_left_out", "telephone numbers or mailboxes in the text of requests were not read")
    if notice.quantity_text and few_pieces(notice.quantity_text) is not None:
        yield Issue("few_pieces", "requests for a few pieces are kept and judged weak: nobody imports so little")


def _title(block: Block) -> str:
    """By selector, label, or as the layout names the block; a labelled "company" is the buyer."""
    named = block.text("name") if "name" in block.selectors else None
    return clean(block.text("title") or named or block.name or "", MAX_TITLE)


def _posted(block: Block, now: datetime) -> tuple[str | None, str | None]:
    """(as printed, YYYY-MM-DD): of its label or selector, else of the one short line that is nothing but a date."""
    stated = block.text("posted")
    if stated or "posted" in block.drop:
        return stated, (_day(stated, now) if stated else None)
    for line in lines_of(block.element, 5_000):
        if len(line) <= SHORT_LINE and (day := _counted(line, now) or _bare_day(line)):
            return line, day
    return None, None


def _bare_day(line: str) -> str | None:
    """The date of a line that is hardly more than one."""
    return read_date(line) if len(_DIGITS.findall(line)) * 2.5 > len(line) else None


def _day(text: str, now: datetime) -> str | None:
    return read_date(text) or _counted(text, now)


def _counted(text: str, now: datetime) -> str | None:
    """The past day that a text counts to; a day to come is none on which something was posted."""
    day = read_relative(text, now)
    return day.isoformat() if day and day <= now.date() else None


def _country(block: Block) -> str | None:
    """The labelled country, else that of a line like "Buyer from Egypt", or of a flag's name."""
    stated = block.text("country")
    if stated or "country" in block.drop:
        return stated
    for line in lines_of(block.element, 5_000):
        match = _from().match(fold(line, SHORT_LINE)) if len(line) <= SHORT_LINE else None
        shown = line[match.end() :].strip(" :") if match else ""
        if shown and read_country(shown):
            return shown
    flags = (image.get(key) or "" for image in block.element.iter("img") for key in ("alt", "title"))
    return next((clean(flag, SHORT_LINE) for flag in flags if len(flag) > 2 and read_country(flag)), None)


@cache
def _from() -> re.Pattern[str]:
    before = "|".join(re.escape(word) for word in sorted(label_words()["country_before"]["words"], key=len, reverse=True))
    return re.compile(rf"(?:{before})\s*:?\s+")


def _buyer(block: Block) -> tuple[str | None, bool]:
    """(firm that buys, whether a name was left out): only a name with a legal form or a word of a trade is surely no person's."""
    name = clean(block.text("buyer", *(() if "name" in block.selectors or "buyer" in block.drop else ("name",))) or "", 200)
    if not name or is_placeholder(name) or fold(name) == fold(_title(block)):
        return None, False
    generic = words("trade_words", "words")
    firm = looks_like_company(name) or any(word in generic for word in plain(name).split())
    return (name, False) if firm and not names_person(name) and not sole_trader_form(name, generic=generic) else (None, True)


def without_contacts(text: str) -> str:
    """A text without the mailboxes and telephone numbers that people write into it."""
    spans = [(start, end) for start, end, _ in addresses_in(text)]
    spans += [match.span() for match in _NUMBER.finditer(text) if len(_DIGITS.findall(match.group())) >= LEAST_DIGITS]
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]}{MARK}{text[end:]}"
    return text


def merged_request(detail: Notice, card: Notice) -> Notice:
    """The request's own page, with what only its card shows."""
    names = ("description", "deadline_text", "deadline", "quantity_text", "country_text", "language_text")
    lacking: dict[str, Any] = {name: getattr(card, name) for name in names if not getattr(detail, name)}
    if not detail.published and (card.published or not detail.published_text):
        lacking |= {"published": card.published, "published_text": card.published_text}
    return replace(detail, key=card.key, url=card.url, parties=detail.parties or card.parties, **lacking)
