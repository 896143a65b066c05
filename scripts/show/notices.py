"""Tenders and awards in one line: what, in which state, until when, for how much; and those of a market that are still open."""

from datetime import UTC, date, datetime

from rich.console import Console

from market_db.markets.notices import NoticeFacts
from scripts.screen import address, line, plain
from scripts.words import Words

MOST_OPEN = 5


def notice_line(fact: NoticeFacts, words: Words, today: date) -> str:
    """Tender “Supply of sauces” · of City of Utrecht · open · deadline 4 Dec 2026 14:00 · value GBP 45,000."""
    kind = words.say(f"notices.{fact.kind}") if words.has(f"notices.{fact.kind}") else plain(fact.kind, 40)
    parts = [f"{kind} “{plain(fact.title, 160)}”"]
    if fact.authority:
        parts.append(words.say("notices.authority", name=plain(fact.authority, 120)))
    parts.append(words.say(f"notice_states.{fact.state(today)}"))
    if fact.deadline and fact.kind != "award":
        parts.append(words.say("notices.deadline", when=when(fact.deadline, words)))
    if worth := value(fact, words):
        parts.append(words.say("notices.value", value=worth))
    return " · ".join(parts)


def today() -> date:
    """The day on which somebody looks: whether a tender is open depends on it."""
    return datetime.now(UTC).date()


def when(deadline: str, words: Words) -> str:
    """A day, or a moment where the source gives the hour."""
    return words.moment(deadline) if "T" in deadline else words.day(deadline)


def value(fact: NoticeFacts, words: Words) -> str | None:
    """Amount with its currency, else as the source prints it; None where it gives none."""
    if fact.value is not None and fact.currency:
        return f"{plain(fact.currency, 3)} {words.number(fact.value)}"
    return plain(fact.value_text, 60) if fact.value_text and any(char.isdigit() for char in fact.value_text) else None


def show_open(console: Console, facts: list[NoticeFacts], words: Words, today: date) -> None:
    """The tenders of a market that can still be answered, the nearest deadline first."""
    for fact in facts[:MOST_OPEN]:
        line(console, notice_line(fact, words, today), indent=4, hang=2)
        address(console, plain(fact.url, 2_000), indent=6)
    if len(facts) > MOST_OPEN:
        line(console, words.say("notices.more", n=words.number(len(facts) - MOST_OPEN)), "dim", indent=4)
