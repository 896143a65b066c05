"""Questions about companies, decisions of people and what a rebuild would change, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rich.console import Console

from market_db.companies.review import Asked, Dispute, Entry
from market_db.derived import Mention
from pipelines.companies.refitting import Refitted
from pipelines.rebuilding import Plan
from scripts.screen import line, plain
from scripts.words import Words

MOST = 200


def show_question(console: Console, number: int, asked: Asked, words: Words) -> None:
    """Both sides, the reasons, and what to type."""
    question = asked.question
    line(console, words.say("review.together" if question.together else "review.apart", n=number), "bold")
    if question.alarm:
        line(console, f"  {words.say(f'review.{question.alarm}')}")
    for mention in (asked.one, asked.two):
        line(console, f"  {_side(mention, words)}")
    for reason in question.said(words.language):
        line(console, f"    {plain(reason, MOST)}", "dim")
    line(console, f"  tembus review --same|--apart|--unsure {question.party_a} {question.party_b}")


def _side(mention: Mention, words: Words) -> str:
    """Name, place and source of one record."""
    place = ", ".join(plain(part, MOST) for part in (mention.address, mention.city) if part)
    where = ", ".join(part for part in (place, words.country(mention.country)) if part)
    return f"{plain(mention.name, MOST)} - {where} [{mention.source}]"


def as_data(asked: Asked) -> dict[str, object]:
    """A question for machines."""
    return {
        **asdict(asked.question),
        "name_a": asked.one.name,
        "name_b": asked.two.name,
        "company_a": asked.company_one,
        "company_b": asked.company_two,
    }


def show_disputes(console: Console, found: Iterable[Dispute], words: Words) -> None:
    """Decisions that cannot all be true, each with who and when, and how to take one back."""
    for one in found:
        line(console, words.say("review.contradiction"), "bold")
        for entry in (*one.same, one.apart):
            line(console, f"  {_said(entry, words)}")
        line(console, f"  {words.say('review.how_undo', number=one.apart.decision.id)}", "dim")


def show_entries(console: Console, found: Sequence[Entry], words: Words) -> None:
    """Decisions, newest first."""
    if not found:
        line(console, words.say("review.no_decisions"))
    for entry in found:
        line(console, _said(entry, words), "" if entry.counts else "dim")


def _said(entry: Entry, words: Words) -> str:
    """One decision: number, what, about whom, by whom and when; whether it still counts."""
    one = entry.decision
    if one.kind == "undone":
        said = words.say("decided.undone", number=one.undoes)
    else:
        names = {"a": plain(entry.name_a or one.party_a, MOST), "b": plain(entry.name_b or one.party_b or "", MOST)}
        said = words.say(f"decided.{one.kind}", **names)
    state = words.say("decided.taken_back") if entry.undone else ""
    note = f"“{plain(one.note, MOST)}”" if one.note else ""
    return " · ".join(part for part in (f"{one.id}", said, plain(one.entered_by, 60), words.moment(one.entered_at), state, note) if part)


def show_refit(console: Console, found: Refitted, words: Words) -> None:
    """How well old and new weights answer judgements they were not made from."""
    line(console, words.say("refit.pairs", n=words.number(found.pairs), same=words.number(found.same), gone=words.number(found.gone)))
    for key, figures in (("before", found.before), ("after", found.after)):
        shown = {name: words.number(getattr(figures, name), 3) for name in ("precision", "recall", "log_loss")}
        line(console, words.say(f"refit.{key}", wrong=words.number(figures.wrong), **shown), indent=2)


def show_plan(console: Console, found: Plan, words: Words) -> None:
    """How many companies stay, join, part, come and go, and the largest changes with their reasons."""
    counts = asdict(found.counts)
    line(console, words.say("rebuild.counts", **{name: words.number(count) for name, count in counts.items()}))
    line(console, words.say("rebuild.weights", before=found.before or "?", now=found.weights), "dim")
    if found.largest:
        line(console, words.say("rebuild.largest"), "bold")
    for change in found.largest:
        names = {"name": plain(change.name, MOST), "other": plain(change.other or "?", MOST), "n": words.number(change.records)}
        why = "; ".join(change.reasons_id if words.language == "id" else change.reasons)
        line(console, f"  {words.say(f'events.{change.kind}', **names)}{f' ({why})' if why else ''}", hang=4)
