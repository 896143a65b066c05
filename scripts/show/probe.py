"""What one look at a site found, on a terminal: each finding with its reason, then the row to approve."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from scripts.screen import line, plain
from scripts.words import Words

if TYPE_CHECKING:
    from scripts.probe import Probed
    from spiders.extract.platforms import Reason
    from spiders.probe import Clue

FINDINGS = ("platform", "family", "search", "sitemap", "language", "country", "currency", "contact", "seller", "legal_name")
MOST_REASONS = 4


def show_probe(console: Console, probed: "Probed", words: Words) -> None:
    """Findings, then the row."""
    line(console, words.say("probe.head", url=plain(probed.findings.url, 300), n=words.number(probed.requests)), "bold")
    for name in FINDINGS:
        clue: Clue = getattr(probed.findings, name)
        console.print(Text(f"  {words.say(f'probe.{name}')}: ", "bold").append(_value(name, clue, words), "not bold"), soft_wrap=True)
        for text in reasons(clue, words):
            line(console, text, "dim", indent=4, hang=2)
    if probed.findings.others:
        line(console, words.say("probe.others", names=plain(", ".join(probed.findings.others), 200)), "dim", indent=2)
    for source in probed.declared:
        line(console, words.say("probe.declared", name=plain(source)), "yellow")


def _value(name: str, clue: "Clue", words: Words) -> str:
    if clue.value is None:
        return words.say("probe.not_found")
    return words.country(clue.value) if name == "country" else plain(clue.value, 500)


def reasons(clue: "Clue", words: Words) -> list[str]:
    """Why it is believed, in words."""
    return [reason_in_words(reason, words) for reason in clue.reasons[:MOST_REASONS]]


def reason_in_words(reason: "Reason", words: Words) -> str:
    """One reason; the names of ways to search are their own words."""
    kind, what = reason
    key = f"probe_why.{kind.lower()}"
    if not words.has(key):
        return plain(f"{kind} {what}".strip(), 300)
    if kind == "basis":
        what = words.say(f"probe_basis.{what}") if words.has(f"probe_basis.{what}") else what
    return words.say(key, what=plain(what, 300))
