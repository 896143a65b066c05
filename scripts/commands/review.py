"""`tembus review` and `tembus rebuild`: people judge which records are one company, take it back, and let everything be compared anew."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from scripts.session import Session, WrongUse

if TYPE_CHECKING:
    import sqlite_utils

Pair = Annotated[tuple[str, str] | None, typer.Option()]
Json = Annotated[bool, typer.Option("--json")]


def review(
    ctx: typer.Context,
    *,
    same: Pair = None,
    apart: Pair = None,
    unsure: Pair = None,
    undo: Annotated[int | None, typer.Option("--undo", min=1)] = None,
    decisions: Annotated[bool, typer.Option("--decisions")] = False,
    note: Annotated[str, typer.Option("--note")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 10,
    json: Json = False,
) -> None:
    """Judge which records are one company; without a judgement: show what to judge next."""
    session: Session = ctx.obj
    given = [(kind, pair) for kind, pair in (("same", same), ("not_same", apart), ("unsure", unsure)) if pair]
    for kind, pair in given:
        _judge(session, kind, pair, note)
    if undo is not None:
        _undo(session, undo, note)
    if decisions:
        _list(session, as_json=json)
    elif not given and undo is None:
        _ask(session, limit, as_json=json)


@contextmanager
def _market(session: Session) -> "Iterator[sqlite_utils.Database]":
    from market_db.schema import open_market

    if not session.home.market.exists() and not session.home.published.exists():
        raise WrongUse(session.words.say("errors.nothing_crawled"))
    db = open_market(session.home)
    try:
        yield db
    finally:
        db.close()


def _judge(session: Session, kind: str, pair: tuple[str, str], note: str) -> None:
    """Keep a judgement, and say at once what it contradicts. Raises WrongUse for records that do not exist or are the same."""
    from market_db.companies.review import disputes
    from market_db.desk.entered import Decision
    from market_db.desk.store import add_decision, decisions
    from scripts.show.review import show_disputes

    one, two = pair
    with _market(session) as db:
        known = {party for (party,) in db.conn.execute("select id from all_parties where id in (?, ?)", (one, two))}
        if known != {one, two} or one == two:
            raise WrongUse(session.words.say("review.unknown", ids=", ".join(sorted({one, two} - known)) or one))
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        add_decision(session.home, Decision(kind=kind, party_a=one, party_b=two, entered_at=now, entered_by=getpass.getuser(), note=note))
        number = decisions(session.home)[-1].id
        session.say("review.kept", number=number)
        show_disputes(session.screen, disputes(db, decisions(session.home)), session.words)


def _undo(session: Session, number: int, note: str) -> None:
    """Take a decision back. Raises WrongUse where there is none, or it was taken back already."""
    from market_db.desk.store import undo_decision

    if undo_decision(session.home, number, by=getpass.getuser(), now=datetime.now(UTC), note=note) is None:
        raise WrongUse(session.words.say("review.no_decision", number=number))
    session.say("review.undone", number=number)


def _list(session: Session, *, as_json: bool) -> None:
    """Every decision, and what contradicts what."""
    from market_db.companies.review import disputes, entries
    from market_db.desk.store import decisions
    from scripts.screen import print_json
    from scripts.show.review import show_disputes, show_entries

    with _market(session) as db:
        known = decisions(session.home)
        found, quarrels = entries(db, known), disputes(db, known)
    if as_json:
        print_json({"decisions": found, "contradictions": quarrels})
        return
    show_disputes(session.screen, quarrels, session.words)
    show_entries(session.screen, found, session.words)


def _ask(session: Session, limit: int, *, as_json: bool) -> None:
    """Show contradictions and questions, or say that there are none."""
    from market_db.companies.review import disputes, questions
    from market_db.desk.store import decisions
    from scripts.screen import print_json
    from scripts.show.review import as_data, show_disputes, show_question

    with _market(session) as db:
        known = decisions(session.home)
        found, quarrels = questions(db, known, limit), disputes(db, known)
    if as_json:
        print_json([as_data(asked) for asked in found])
        return
    show_disputes(session.screen, quarrels, session.words)
    if not found:
        session.say("review.none")
    for number, asked in enumerate(found, 1):
        show_question(session.screen, number, asked, session.words)


def rebuild(ctx: typer.Context, apply: Annotated[bool, typer.Option("--apply")] = False, json: Json = False) -> None:
    """Compare all companies anew; without --apply only show what it would change."""
    from pipelines.rebuilding import plan, rebuild_all
    from scripts.lock import one_writer
    from scripts.nightly import utc_now
    from scripts.screen import print_json
    from scripts.show.review import show_plan

    session: Session = ctx.obj
    if not session.home.market.exists():
        raise WrongUse(session.words.say("errors.nothing_crawled"))
    with one_writer(session.home, "rebuild"):
        found = rebuild_all(session.home, now=utc_now()) if apply else plan(session.home, now=utc_now())
    if json:
        print_json(found)
        return
    show_plan(session.screen, found, session.words)
    session.say("rebuild.done" if apply else "rebuild.dry")


def refit(ctx: typer.Context, apply: Annotated[bool, typer.Option("--apply")] = False, json: Json = False) -> None:
    """Weigh proofs anew from what people judged; without --apply only show whether it helps."""
    from market_db.companies.identity_store import IdentityStore
    from market_db.desk.store import decisions
    from pipelines.companies.refitting import CannotRefit, card_of, keep, refitted
    from scripts.lock import one_writer
    from scripts.nightly import utc_now
    from scripts.screen import print_json
    from scripts.show.review import show_refit

    session: Session = ctx.obj
    with one_writer(session.home, "refit"):
        store = IdentityStore(session.home.identity)
        try:
            day = utc_now().date().isoformat()
            found = refitted(store, decisions(session.home), day=day, start=card_of(session.home))
        except CannotRefit as error:
            raise WrongUse(session.words.say(f"refit.{error.key}", **error.values)) from error
        finally:
            store.close()
        if apply and found.better:
            keep(session.home, found)
    if json:
        print_json({**asdict(found), "better": found.better, "applied": apply and found.better})
    else:
        show_refit(session.screen, found, session.words)
    session.say("refit.worse" if not found.better else "refit.done" if apply else "refit.dry")
    if apply and not found.better:
        raise typer.Exit(1)


COMMANDS: dict[str, Callable[..., None]] = {"review": review, "rebuild": rebuild, "refit": refit}
