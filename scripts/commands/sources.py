"""Commands about where knowledge comes from: the register of sources, and the decisions of people on their terms."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scripts.session import Session, WrongUse

if TYPE_CHECKING:
    import sqlite_utils

    from market_db.runs import SourceCard
    from scripts.words import Words
    from spiders.not_read import NotRead

Json = Annotated[bool, typer.Option("--json")]
DECISIONS = ("approve", "withdraw")
OLD_TERMS = 365
"""Days after which terms should be read again."""
TROUBLE = frozenset(("changed", "empty", "blocked", "robots", "no_network", "failed"))
"""States of a check after which the exit code is 3."""


def sources(
    ctx: typer.Context,
    what: Annotated[list[str] | None, typer.Argument(metavar="SOURCE | approve SOURCE | withdraw SOURCE")] = None,
    basis: Annotated[str, typer.Option("--basis")] = "",
    read_on: Annotated[str, typer.Option("--read-on")] = "",
    json: Json = False,
) -> None:
    """Show the register of sources, or decide on the terms of one."""
    from scripts.crawl import source_cards

    session: Session = ctx.obj
    cards = {card.name: card for card in source_cards(session.home)}
    asked = list(what or ())
    if asked and asked[0] in DECISIONS and asked[0] not in cards:
        _decide(session, cards, asked, basis, read_on)
        return
    if len(asked) > 1 or basis or read_on:
        raise WrongUse(session.words.say("errors.sources_use"))
    unread = _unread(asked[0]) if asked else None
    if unread:
        _show_unread(session, unread, as_json=json)
        return
    _show(session, cards, _known(session, cards, asked[0]) if asked else None, as_json=json)


def _unread(name: str) -> "NotRead | None":
    """The row of what was looked at and is not read."""
    from spiders.not_read import not_read

    return next((row for row in not_read() if row.name == name), None)


def _show_unread(session: Session, row: "NotRead", *, as_json: bool) -> None:
    """Such a row in full."""
    from scripts.screen import print_json
    from scripts.show.sources import show_unread, unread_data

    if as_json:
        print_json([unread_data(row, session.words)])
    else:
        show_unread(session.screen, row, session.words)


def _known(session: Session, cards: "dict[str, SourceCard]", name: str) -> str:
    """The source meant. Raises WrongUse with what there is, NotCrawled for one that was looked at and is not read."""
    from scripts.asking import choose
    from scripts.nothing_to_crawl import unknown
    from spiders.not_read import not_read

    if name not in cards and any(row.name == name for row in not_read()):
        raise unknown(name, cards)
    return name if name in cards else choose(name, {card.name: card.title for card in cards.values()}, "source", session.words)


def _show(session: Session, cards: "dict[str, SourceCard]", name: str | None, *, as_json: bool) -> None:
    """All sources, or one in full."""
    from market_db.history import last_check
    from market_db.queries import runs as stored
    from scripts.crawl import all_sources
    from scripts.screen import print_json
    from scripts.show.sources import show_source, show_sources, unread_data
    from spiders.not_read import not_read

    with session.history() as db:
        last = _latest(db)
        if as_json:
            read = [_source_data(card, last.get(card.name), session.words) for card in cards.values() if name in (None, card.name)]
            print_json([*read, *([] if name else [unread_data(row, session.words) for row in not_read()])])
        elif name is None:
            show_sources(session.screen, list(cards.values()), last, session.words)
        else:
            history = [run for run in stored(db, name) if run.mode == "live"] if db else []
            passport = all_sources(session.home).get(name)
            about = passport[1] if passport else None
            checked = last_check(db, name) if db else None
            show_source(session.screen, cards[name], about, history or _one(last, name), session.words, checked=checked)


def _decide(session: Session, cards: "dict[str, SourceCard]", asked: list[str], basis: str, read_on: str) -> None:
    """Keep a person's decision on the terms of one source. Raises WrongUse where something is missing."""
    import os
    from datetime import UTC, date, datetime

    from market_db.access.audit import noted_from_terminal
    from market_db.desk.entered import SourceApproval
    from market_db.desk.store import approve_source
    from market_db.home import CONFIG_NAME
    from scripts.export import who

    words = session.words
    if len(asked) != 2:
        raise WrongUse(words.say("errors.sources_use"))
    name = _known(session, cards, asked[1])
    if not basis.strip():
        raise WrongUse(words.say("errors.sources_basis", name=name, terms=cards[name].terms_url))
    now = datetime.now(UTC)
    try:
        read = date.fromisoformat(read_on) if read_on else now.date()
    except ValueError as error:
        raise WrongUse(words.say("errors.sources_date", value=read_on)) from error
    if read > now.date():
        raise WrongUse(words.say("errors.sources_date", value=read_on))
    session.home.make()
    entry = SourceApproval(
        source=name,
        approved=asked[0] == "approve",
        terms_read=read.isoformat(),
        basis=basis.strip()[:500],
        entered_at=now.isoformat(timespec="seconds"),
        entered_by=who(),
    )
    approve_source(session.home, entry)
    noted_from_terminal(session.home, "terms_approved" if entry.approved else "terms_withdrawn", now=now, about=name)
    chosen, key = session.home.config.sources, cards[name].key_env
    lacks_key = bool(key) and not os.environ.get(str(key))
    word = "approved_unlisted" if chosen and name not in chosen else "approved_key" if lacks_key else "approved"
    session.say(f"sources.{word if entry.approved else 'withdrawn'}", name=name, key=key or "", file=session.home.root / CONFIG_NAME)


def _one(last: dict[str, Any], name: str) -> list[Any]:
    return [last[name]] if name in last else []


def _latest(db: "sqlite_utils.Database | None") -> dict[str, Any]:
    """Newest run by source."""
    from market_db.history import newest_runs

    return newest_runs(db) if db else {}


def _source_data(card: Any, run: Any, words: "Words") -> dict[str, Any]:
    from scripts.screen import jsonable
    from scripts.show.sources import last_run, state_of

    return {**jsonable(card), "state": state_of(card, run), "state_in_words": last_run(card, run, words), "last_run": jsonable(run)}


def check(ctx: typer.Context, names: Annotated[list[str] | None, typer.Argument(metavar="SOURCE")] = None, json: Json = False) -> None:
    """Ask sources one to three times and say whether they still answer as expected."""
    from scripts.check import check as run
    from scripts.crawl import source_cards
    from scripts.screen import line, plain, print_json
    from scripts.show.sources import STYLES
    from scripts.why import why_of

    session, words = ctx.obj, ctx.obj.words
    cards = {card.name: card for card in source_cards(session.home)}
    wanted = [_known(session, cards, name) for name in names] if names else [card.name for card in cards.values() if card.enabled]
    found = []
    for result in run(session.home, wanted):
        found.append(result)
        if not json:
            said = words.say(f"checks.{result.state}", n=words.number(result.records or 0), detail=plain(why_of(result.detail, words), 600))
            line(session.screen, f"{result.source}: {said}", STYLES.get(result.state, ""))
            if result.terms_days is not None and result.terms_days > OLD_TERMS:
                line(session.screen, words.say("checks.old_terms", days=words.number(result.terms_days)), "dim", indent=2)
    if json:
        print_json(found)
    if any(result.state in TROUBLE for result in found):
        raise typer.Exit(3)


def capture(
    ctx: typer.Context,
    *,
    name: Annotated[str, typer.Argument(metavar="SOURCE")],
    case: Annotated[str, typer.Option("--case")] = "live",
    url: Annotated[str | None, typer.Option("--url")] = None,
    saved: Annotated[Path | None, typer.Option("--from", exists=True, dir_okay=False)] = None,
    rows: Annotated[int, typer.Option("--rows", min=1)] = 20,
    output: Annotated[Path | None, typer.Option("--output", "-o")] = None,
) -> None:
    """Keep one answer of a source as a fixture: asked once, or saved by a person."""
    from scripts.capture import capture as run
    from scripts.capture import keep
    from scripts.crawl import source_cards
    from scripts.new_source import ROOT

    session: Session = ctx.obj
    known = _known(session, {card.name: card for card in source_cards(session.home)}, name)
    fixtures = ROOT / "tests" / "spiders" / "fixtures"
    folder = output or (fixtures / known / case if fixtures.is_dir() else Path(f"{known.replace(':', '-')}-{case}"))
    done = (
        keep(session.home, known, folder, saved, url=url or "", rows=rows)
        if saved
        else run(session.home, known, folder, url=url, rows=rows)
    )
    taken = ", ".join(f"{count} × {what}" for what, count in sorted(done.taken.items()) if count) or "-"
    session.say("capture.done", n=session.words.number(done.records), taken=taken)
    typer.echo(done.folder)


def new_source(
    ctx: typer.Context,
    *,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    kind: Annotated[str, typer.Option("--kind")] = "registers",
    title: Annotated[str, typer.Option("--title")] = "",
    publisher: Annotated[str, typer.Option("--publisher")] = "",
    host: Annotated[str, typer.Option("--host")] = "api.register.example",
) -> None:
    """Begin a new source."""
    from scripts.new_source import new_source as run

    session: Session = ctx.obj
    path, fixtures = run(name, kind, title or name, publisher or title or name, host)
    session.say("new_source.done", path=path, fixtures=fixtures, name=name)
    typer.echo(path)


def links(
    ctx: typer.Context,
    product: Annotated[str | None, typer.Option("--product", "-p")] = None,
    language: Annotated[list[str] | None, typer.Option("--in")] = None,
    json: Json = False,
) -> None:
    """Show ready search links of boards that are not crawled."""
    from market_db.products import load_products
    from scripts.asking import choose, product_names
    from scripts.screen import line, print_json
    from spiders.by_hand import load_presets, search_links

    session, words = ctx.obj, ctx.obj.words
    keys = [choose(product, product_names(words), "product", words)] if product else list(session.home.config.products)
    known = load_products()
    found = [
        {"board": preset.name, "title": preset.titles[words.language], "product": key, "term": term, "url": url}
        for key in keys
        for preset in load_presets().values()
        for term, url in search_links(preset, known[key], language or ("en",))
    ]
    if json:
        print_json(found)
        return
    for row in found:
        line(session.screen, f"{row['title']} · {row['term'] or row['product']}", "bold")
        session.screen.print(row["url"], soft_wrap=True, markup=False, highlight=False)
    line(session.screen, words.say("links.next"), "dim")


def probe(
    ctx: typer.Context,
    *,
    url: Annotated[str, typer.Argument(metavar="URL")],
    write: Annotated[bool, typer.Option("--write")] = False,
    json: Json = False,
) -> None:
    """Look at a site once, and propose its row."""
    from scripts.probe import address, keep
    from scripts.probe import probe as run
    from scripts.screen import jsonable, print_json
    from scripts.show.probe import show_probe

    session: Session = ctx.obj
    target = address(url)
    if target is None:
        raise WrongUse(session.words.say("errors.probe_url", value=url))
    probed = run(session.home, target)
    if json:
        print_json(jsonable(probed))
    else:
        show_probe(session.screen, probed, session.words)
        session.say("probe.row")
        typer.echo(probed.row)
    if write:
        session.say("probe.written", path=keep(session.home, probed))
    else:
        session.say("probe.next", folder=session.home.sites)


COMMANDS: dict[str, Callable[..., None]] = {
    "sources": sources,
    "links": links,
    "probe": probe,
    "check": check,
    "capture": capture,
    "new-source": new_source,
}
