"""`tembus import`: shows what a list would give, asks, and stores it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scripts.session import Session, WrongUse

if TYPE_CHECKING:
    from scripts.import_file import Import


def import_list(
    ctx: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    preset: Annotated[str, typer.Option("--preset")] = "companies",
    country: Annotated[str | None, typer.Option("--country", "-c")] = None,
    sheet: Annotated[str | None, typer.Option("--sheet")] = None,
    preview: Annotated[bool, typer.Option("--preview")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y")] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Take in an advisor's own list."""
    from scripts.asking import choose, country_code
    from scripts.import_file import preview as read
    from scripts.import_file import store
    from scripts.lock import one_writer
    from spiders.by_hand import load_presets

    session: Session = ctx.obj
    presets = load_presets()
    name = choose(preset, {key: found.titles[session.words.language] for key, found in presets.items()}, "preset", session.words)
    found = read(session.home, file, presets[name], country=country_code(country, session.words), sheet=sheet)
    if json and preview:
        _print(found)
        return
    if not json:
        _show(session, found)
    if preview:
        return
    if not found.kept:
        raise WrongUse(session.words.say("import.nothing"))
    from scripts.commands.work import confirm

    confirm(session, yes, session.words.count("import.ask", len(found.kept)))
    with one_writer(session.home, "import"):
        store(session.home, found)
    if json:
        _print(found)
    else:
        _told(session, found)


def _show(session: Session, found: "Import") -> None:
    """What would become of the file."""
    from collections import Counter

    from scripts.screen import line, plain
    from scripts.show.runs import reason_words

    words = session.words
    kept, left = words.number(len(found.kept)), words.number(len(found.left))
    line(session.screen, words.say("import.found", rows=words.number(found.rows), kept=kept, left=left), "bold")
    for key, names in (("unread", found.unread), ("lacking", found.lacking)):
        if names:
            line(session.screen, words.say(f"import.{key}", names=plain(", ".join(names[:20]), 400)), "dim")
    for record in found.kept[:SHOWN]:
        party = getattr(record, "party", None)
        country = getattr(party or record, "country", None)
        named = party.name if party else getattr(record, "title", "")
        line(session.screen, f"+ {plain(named, 80)} · {words.country(country) if country else words.no_data}", indent=2)
    for reason, count in Counter(left.reason for left in found.left).most_common():
        line(session.screen, f"- {words.number(count)} × {reason_words(reason, words)}", indent=2)
    for what, count in found.dropped.items():
        line(session.screen, f"- {words.number(count)} × {reason_words(what, words)}", indent=2)


SHOWN = 5
"""Rows shown before storing."""


def _told(session: Session, found: "Import") -> None:
    """What was stored, and where the report lies."""
    words, saved = session.words, found.saved
    assert saved is not None
    new, changed, same = (words.number(n) for n in (saved.new, saved.changed, saved.unchanged))
    session.say("import.done", new=new, changed=changed, same=same)
    if found.report:
        session.say("import.report")
        typer.echo(found.report)


def _print(found: "Import") -> None:
    from dataclasses import asdict

    from scripts.screen import print_json

    print_json(
        {
            "file": found.file.name,
            "preset": found.preset.name,
            "rows": found.rows,
            "taken": len(found.kept),
            "left": [asdict(left) for left in found.left],
            "columns_not_read": found.unread,
            "columns_missing": found.lacking,
            "dropped": dict(found.dropped),
            "stored": asdict(found.saved) if found.saved else None,
            "report": str(found.report) if found.report else None,
        }
    )


COMMANDS: dict[str, Callable[..., None]] = {"import": import_list}
