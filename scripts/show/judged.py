"""How a lead's values were read, and what to look at first: the raw text, the rule and the number of the evidence in each line."""

from collections.abc import Callable, Iterable

from rich.console import Console

from market_db.cues import Cue
from market_db.judged import Judged
from market_db.proof_words import is_quote, reason_in, role_proof_in
from market_db.queries import LeadDetail
from market_db.values.country_clues import certainty_of
from scripts.screen import line, plain
from scripts.words import Words

Marks = Callable[[Iterable[str]], str]
MOST_OF_A_KIND = 5


def show_judged(console: Console, detail: LeadDetail, marks: Marks, words: Words) -> None:
    """Print each judged value once; nothing where the lead has none."""
    if not detail.judged:
        return
    line(console)
    line(console, words.say("judged.head"), "bold")
    shown: dict[str, int] = {}
    for judged in sorted(detail.judged, key=lambda judged: judged.field):
        shown[judged.field] = shown.get(judged.field, 0) + 1
        if shown[judged.field] <= MOST_OF_A_KIND:
            line(console, f"{_judged(judged, words)} {marks([judged.evidence_id])}".rstrip(), indent=2, hang=2)
    rest = sum(max(0, n - MOST_OF_A_KIND) for n in shown.values())
    if rest:
        line(console, words.say("judged.more", n=words.number(rest)), "dim", indent=2)


def _judged(judged: Judged, words: Words) -> str:
    named = {"country": words.country, "role": words.role}.get(judged.field)
    value = named(judged.value) if named else plain(judged.value, 60)
    rule = words.say(f"judged_rules.{judged.rule}")
    if judged.field == "country":
        rule += f" ({words.say(f'certainty.{certainty_of(judged.rule)}')})"
    raw, detail = _raw(judged, words), f" ({plain(_detail(judged, words), 200)})" if judged.detail else ""
    return f"{words.say(f'judged.{judged.field}')}: {value}{raw} · {rule}{detail}"


def _raw(judged: Judged, words: Words) -> str:
    """What it was read from: a quote of the source, or a sentence of ours in the language."""
    if not judged.raw:
        return ""
    if judged.field == "role" and judged.rule == "proof" and not is_quote(judged.raw):
        return f" ← {plain(role_proof_in(judged.raw, words.language), 160)}"
    return f" ← “{plain(judged.raw, 160)}”"


def _detail(judged: Judged, words: Words) -> str:
    """The reasons of a relevance in the language; other details are figures."""
    if judged.field != "relevance":
        return judged.detail
    return "; ".join(reason_in(reason, words.language) for reason in judged.detail.split("; "))


def show_cues(console: Console, detail: LeadDetail, marks: Marks, words: Words) -> None:
    """Print the cues, or that nothing was noticed."""
    line(console)
    line(console, words.say("cues.head"), "bold")
    for cue in detail.cues:
        line(console, f"{_cue(cue, words)} {marks(cue.evidence_ids)}".rstrip(), indent=2, hang=2)
    if not detail.cues:
        line(console, words.say("cues.none"), "dim", indent=2)


def _cue(cue: Cue, words: Words) -> str:
    values = {name: words.country(value) if name in ("told", "country") else plain(value, 300) for name, value in cue.values.items()}
    return words.say(f"cues.{cue.kind}", **values)
