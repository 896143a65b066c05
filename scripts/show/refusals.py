"""Refusals of a market on a terminal: how often, for what, in which years, and how many were goods of Indonesia."""

from collections.abc import Sequence

from rich.console import Console

from market_db.markets.refusals import RefusedFor
from scripts.screen import line, plain
from scripts.words import Words

MOST_REASONS, MOST_YEARS = 6, 5


def show_refused(console: Console, found: Sequence[RefusedFor], words: Words) -> None:
    """A heading with both counts, then a line a reason; nothing where nobody published any."""
    if not found:
        return
    named = sum(one.times for one in found if one.named)
    group = sum(one.times for one in found) - named
    line(console, words.say("refusals.title", named=words.number(named), group=words.number(group)), indent=2)
    for one in found[:MOST_REASONS]:
        line(console, refused_line(one, words), "" if one.named else "dim", indent=4, hang=2)
    if len(found) > MOST_REASONS:
        line(console, words.say("refusals.more", n=words.number(len(found) - MOST_REASONS)), "dim", indent=4)
    line(console, words.say("refusals.meaning"), "dim", indent=4)


def refused_line(one: RefusedFor, words: Words) -> str:
    """Salmonella: 2024 (2×), 2022 · 1 from Indonesia."""
    reason = plain(one.reason, 160) if one.reason else words.say("refusals.no_reason")
    newest = list(one.years.items())[:MOST_YEARS]
    years = ", ".join(f"{year or words.no_data}{f' ({words.number(times)}×)' if times > 1 else ''}" for year, times in newest)
    parts = [f"{reason}: {years}"]
    if not one.named:
        parts.append(words.say("refusals.of_group"))
    if one.from_indonesia:
        parts.append(words.say("refusals.indonesia", n=words.number(one.from_indonesia)))
    return " · ".join(parts)
