"""Companies that are no leads on a terminal: how many for which reason, then each with the sentence and the page that shows it."""

from collections.abc import Sequence

from rich.console import Console

from market_db.queries import LeadQuery
from market_db.turned_down import TurnedDown, TurnedDownPage
from scripts.screen import line, plain
from scripts.words import Words


def show_turned_down(console: Console, query: LeadQuery, page: TurnedDownPage, words: Words) -> None:
    """The counts by reason first; a page beyond the end says so."""
    total = sum(page.counts.values())
    line(console, words.count("turned_down.found", total) + _part(query, page, words), "bold")
    if not total:
        line(console, words.say("turned_down.none"))
        return
    line(console, " · ".join(f"{words.say(f'turned_down.{reason}')}: {words.number(n)}" for reason, n in page.counts.items()), "dim")
    show_rows(console, page.rows, words)
    line(console, words.say("turned_down.next"), "dim")
    if query.offset + len(page.rows) < total:
        line(console, words.say("turned_down.more", offset=query.offset + len(page.rows)), "dim")


def show_rows(console: Console, rows: Sequence[TurnedDown], words: Words) -> None:
    """A line for the company, one for the reason, one for the page."""
    for row in rows:
        place = ", ".join(part for part in (words.country(row.country), plain(row.city or "", 40)) if part)
        about = " · ".join(part for part in (place, row.why.product) if part)
        line(console, f"{plain(row.company, 80)} ({about})" if about else plain(row.company, 80))
        line(console, plain(row.why.text_id if words.language == "id" else row.why.text_en, 500), indent=4, hang=2)
        if row.url:
            line(console, words.say("turned_down.evidence", url=plain(row.url, 500)), "dim", indent=4)


def _part(query: LeadQuery, page: TurnedDownPage, words: Words) -> str:
    if not page.rows or len(page.rows) == sum(page.counts.values()):
        return ""
    first, last = words.number(query.offset + 1), words.number(query.offset + len(page.rows))
    return " · " + words.say("turned_down.part", first=first, last=last)
