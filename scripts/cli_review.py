"""`tembus review`: which records are one company is asked where an answer helps most, and judged; a newer judgement undoes an older one."""

import getpass
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from scripts.session import Session, WrongUse

if TYPE_CHECKING:
    import sqlite_utils

    from market_db.derived import Mention
    from pipelines.companies.review import Asked

Pair = Annotated[tuple[str, str] | None, typer.Option()]


def review(
    ctx: typer.Context,
    *,
    same: Pair = None,
    apart: Pair = None,
    unsure: Pair = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 10,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Judge which records are one company; without a judgement: show what to judge next."""
    session: Session = ctx.obj
    given = [(kind, pair) for kind, pair in (("same", same), ("not_same", apart), ("unsure", unsure)) if pair]
    for kind, pair in given:
        _judge(session, kind, *pair)
    if not given:
        _ask(session, limit, as_json=json)


def _judge(session: Session, kind: str, one: str, two: str) -> None:
    """Keep a judgement. Raises WrongUse for records that do not exist or are the same."""
    from market_db.desk import add_decision
    from market_db.entered import Decision
    from market_db.schema import open_market

    db = open_market(session.home)
    try:
        known = {party for (party,) in db.conn.execute("select id from all_parties where id in (?, ?)", (one, two))}
    finally:
        db.close()
    if known != {one, two} or one == two:
        raise WrongUse(session.words.say("review.unknown", ids=", ".join(sorted({one, two} - known)) or one))
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    add_decision(session.home, Decision(kind=kind, party_a=one, party_b=two, entered_at=now, entered_by=getpass.getuser()))
    session.say("review.kept")


def _ask(session: Session, limit: int, *, as_json: bool) -> None:
    """Show the questions, or say that there are none."""
    from market_db.mentions import load_mentions
    from market_db.schema import open_market
    from scripts.screen import print_json

    db = open_market(session.home)
    try:
        found = _questions(session, db, limit)
        mentions = {m.party_id: m for m in load_mentions(db, {party for asked in found for party in (asked.party_a, asked.party_b)})}
    finally:
        db.close()
    if as_json:
        print_json([{**asdict(asked), "name_a": mentions[asked.party_a].name, "name_b": mentions[asked.party_b].name} for asked in found])
        return
    if not found:
        session.say("review.none")
    for number, asked in enumerate(found, 1):
        _show(session, number, asked, mentions)


def _questions(session: Session, db: "sqlite_utils.Database", limit: int) -> "list[Asked]":
    from market_db.desk import decisions
    from market_db.identity_store import IdentityStore
    from market_db.rebuild import company_of_party
    from pipelines.companies.review import open_questions

    judged = {(min(d.party_a, d.party_b), max(d.party_a, d.party_b)) for d in decisions(session.home) if d.party_b}
    store = IdentityStore(session.home.identity)
    try:
        return open_questions(store, company_of_party(db), judged, language=session.words.language, count=limit)
    finally:
        store.close()


def _show(session: Session, number: int, asked: "Asked", mentions: "dict[str, Mention]") -> None:
    from scripts.screen import line, plain

    words, screen = session.words, session.screen
    line(screen, words.say("review.together" if asked.together else "review.apart", n=number), "bold")
    for party in (asked.party_a, asked.party_b):
        mention = mentions[party]
        place = ", ".join(part for part in (mention.address, mention.city, mention.country) if part)
        line(screen, f"  {plain(mention.name, 200)} - {plain(place, 200)} [{mention.source}]")
    for reason in asked.reasons:
        line(screen, f"    {plain(reason, 200)}", "dim")
    line(screen, f"  tembus review --same|--apart|--unsure {asked.party_a} {asked.party_b}")


COMMANDS: dict[str, Callable[..., None]] = {"review": review}
