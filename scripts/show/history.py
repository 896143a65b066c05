"""What became of a company, in words: created, joined, merged, split, brought back, with who or what did it and why."""

from rich.console import Console

from market_db.companies.history import Change
from market_db.queries import LeadDetail
from scripts.screen import line, plain
from scripts.words import Words

MOST_LINES = 12
MOST = 200


def show_history(console: Console, detail: LeadDetail, words: Words) -> None:
    """The newest lines first; nothing where an older program kept no history."""
    if not detail.history:
        return
    line(console)
    line(console, words.say("lead.history"), "bold")
    for change in detail.history[:MOST_LINES]:
        line(console, change_in_words(change, words), indent=2, hang=2)
    if len(detail.history) > MOST_LINES:
        line(console, words.say("lead.more_history", n=words.number(len(detail.history) - MOST_LINES)), "dim", indent=2)


def change_in_words(change: Change, words: Words) -> str:
    """One line: when, what, by whom, why."""
    event = change.event
    name = plain(" / ".join(change.names) or words.say("lead.forgotten"), MOST)
    other = plain(change.other or words.say("lead.forgotten"), MOST)
    what = words.say(f"events.{event.kind}", name=name, other=other, n=words.number(len(event.parties)))
    by = plain(event.by, 60) if event.person else words.say(f"compared_by.{event.by}")
    why = "; ".join(event.reasons_id if words.language == "id" else event.reasons)
    return " · ".join(part for part in (words.moment(event.at), what, words.say("lead.by", by=by), why) if part)


def history_data(detail: LeadDetail) -> list[dict[str, object]]:
    """The history for machines, newest first."""
    return [
        {
            "at": change.event.at,
            "kind": change.event.kind,
            "company": change.event.company_id,
            "other": change.event.other_id,
            "names": change.names,
            "other_name": change.other,
            "records": change.event.parties,
            "by": change.event.by,
            "person": change.event.person,
            "reasons": change.event.reasons,
            "reasons_id": change.event.reasons_id,
        }
        for change in detail.history
    ]
