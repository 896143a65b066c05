"""The list of buyers on a terminal: the count first, then one row a buyer on a wide screen and two lines on a narrow one."""

from datetime import datetime, timedelta

import sqlite_utils
from rich.console import Console
from rich.table import Table
from rich.text import Text

from market_db.exports.lead_row import LeadRow
from market_db.queries import LeadPage, LeadQuery, as_of, find_leads, meta
from scripts.asking import product_names
from scripts.screen import bar, is_wide, line, plain
from scripts.words import Words

GRADE_STYLE = {"A": "green", "B": "yellow", "C": ""}
ROOMY = 140
"""From here the town has room too."""
MARKS = ("email", "phone", "website")
OLD = timedelta(days=3)


def show_leads(console: Console, db: sqlite_utils.Database, query: LeadQuery, page: LeadPage, *, words: Words, told: str) -> None:
    """Print a page of leads; `told` is the filter in words. An empty page says what to do next."""
    line(console, words.count("leads.found", page.total) + _part(page, query, words), "bold")
    line(console, _of_when(db, words, told), "dim")
    if not page.rows:
        line(console, _nothing(db, page, words))
        return
    (_table if is_wide(console) else _cards)(console, page.rows, words)
    line(console, words.say("leads.legend"), "dim")
    line(console, words.say("leads.next", rank=page.rows[0].rank), "dim")
    shown = query.offset + len(page.rows)
    if shown < page.total:
        line(console, words.say("leads.more", offset=shown), "dim")


def _part(page: LeadPage, query: LeadQuery, words: Words) -> str:
    """Which of them are on this page, where not all are."""
    if len(page.rows) == page.total or not page.rows:
        return ""
    first, last = words.number(query.offset + 1), words.number(query.offset + len(page.rows))
    return " · " + words.say("leads.part", first=first, last=last)


def _of_when(db: sqlite_utils.Database, words: Words, told: str) -> str:
    """How old the data are, and the filter."""
    read = as_of(meta(db))
    days = (datetime.now().astimezone() - datetime.fromisoformat(read)).days
    age = words.say("leads.as_of", when=words.moment(read))
    old = " " + words.say("leads.old", days=words.number(days)) if days >= OLD.days else ""
    return age + old + (" · " + words.say("leads.filter", filter=plain(told, 300)) if told else "")


def _nothing(db: sqlite_utils.Database, page: LeadPage, words: Words) -> str:
    """What to do where nothing is shown."""
    if page.total:
        return words.say("leads.beyond", total=words.number(page.total))
    everything = find_leads(db, LeadQuery(limit=0)).total
    return words.say("leads.none_here", total=words.number(everything)) if everything else words.say("leads.none_at_all")


def contact_marks(row: LeadRow, words: Words) -> str:
    """E.g. "e·w": which contacts are known; never the contacts themselves."""
    return "".join(words.say(f"marks.{kind}") if getattr(row, kind) else "·" for kind in MARKS)


def _score(row: LeadRow, width: int) -> Text:
    # cut, not rounded: 69.6 is a B, and "70 B" would contradict the scale
    return Text(f"{bar(row.score, width=width)} {int(row.score):3} {row.grade}", GRADE_STYLE.get(row.grade, ""))


def _where(row: LeadRow, words: Words) -> str:
    return ", ".join(part for part in (words.country(row.country), plain(row.city or "", 40)) if part)


def _kind(row: LeadRow, rows: list[LeadRow], words: Words) -> str:
    """Kind of buyer, and of what where the list holds several products: a firm then stands in it once for each."""
    kind = words.role(row.role)
    if len({other.product for other in rows}) == 1:
        return kind
    return f"{kind} · {product_names(words).get(row.product, row.product)}"


def _new(row: LeadRow, words: Words) -> Text:
    return Text(words.say("leads.new") if row.new else "", "bold green")


def _table(console: Console, rows: list[LeadRow], words: Words) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    widths = {"rank": len(str(max(row.rank for row in rows))), "score": 16, "contact": 3, "seen": 11}
    for name in ("rank", "score", "company", "country", "role", "contact", "seen"):
        head = words.say(f"leads.col_{name}")
        # only names may be cut where the screen is narrow; the rest keeps its width
        width = max(widths[name], len(head)) if name in widths else None
        table.add_column(head, no_wrap=True, overflow="ellipsis", min_width=width, justify="right" if name == "rank" else "left")
    table.add_column("", no_wrap=True, min_width=len(words.say("leads.new")))
    for row in rows:
        company = Text(plain(row.company, 200))
        where = Text(_where(row, words) if console.width >= ROOMY else words.country(row.country))
        table.add_row(
            str(row.rank),
            _score(row, 10),
            company,
            where,
            Text(_kind(row, rows, words)),
            contact_marks(row, words),
            words.day(row.last_seen),
            _new(row, words),
        )
    console.print(table)


def _cards(console: Console, rows: list[LeadRow], words: Words) -> None:
    """Two lines a buyer."""
    width = max(len(str(row.rank)) for row in rows)
    for row in rows:
        head = Text(f"{row.rank:>{width}} ", no_wrap=True, overflow="ellipsis", end="")
        head.append_text(_score(row, 5)).append("  ")
        room = console.width - head.cell_len - len(words.say("leads.new")) - 2
        name = Text(plain(row.company, 200), "bold")
        name.truncate(max(room, 10), overflow="ellipsis")
        console.print(head.append_text(name).append("  " if row.new else "").append_text(_new(row, words)))
        facts = (
            _where(row, words),
            _kind(row, rows, words),
            contact_marks(row, words),
            words.say("leads.seen", day=words.day(row.last_seen)),
        )
        line(console, " · ".join(facts), indent=width + 1)
