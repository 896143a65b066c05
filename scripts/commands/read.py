"""Commands that only look: leads, one lead, markets, sources, runs, export."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scripts.session import Session, WrongUse

if TYPE_CHECKING:
    import sqlite_utils

    from market_db.queries import LeadDetail
    from market_db.turned_down import TurnedDown

Product = Annotated[str | None, typer.Option("--product", "-p")]
Country = Annotated[str | None, typer.Option("--country", "-c")]
Json = Annotated[bool, typer.Option("--json")]
MOST_ROWS = 1_000_000
LONGEST_RANK = 7
FILTERS: dict[str, tuple[Any, Any]] = {
    "product": (Annotated[list[str] | None, typer.Option("--product", "-p")], None),
    "country": (Annotated[list[str] | None, typer.Option("--country", "-c")], None),
    "role": (Annotated[list[str] | None, typer.Option("--role", "-r")], None),
    "grade": (Annotated[list[str] | None, typer.Option("--grade")], None),
    "source": (Annotated[list[str] | None, typer.Option("--source", "-s")], None),
    "has": (Annotated[list[str] | None, typer.Option("--has")], None),
    "fresh_days": (Annotated[int | None, typer.Option("--fresh-days", min=0)], None),
    "since": (Annotated[str | None, typer.Option("--since")], None),
    "new": (Annotated[bool, typer.Option("--new")], False),
    "text": (Annotated[str, typer.Option("--text", "-q")], ""),
    "sort": (Annotated[str, typer.Option("--sort")], "score"),
    "offset": (Annotated[int, typer.Option("--offset", min=0)], 0),
}
"""Options of every command that asks for leads: (what typer reads, default)."""
NOT_OF_REJECTED = ("role", "grade", "has", "fresh_days", "since", "new", "sort")
"""Those that mean nothing for companies that are no leads."""


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of FILTERS; it finds their values in the context."""
    own = inspect.signature(command).parameters
    extra = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in FILTERS.items()
    ]
    ctx, *rest = (parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own.values())

    @wraps(command)
    def call(**given: Any) -> None:
        command(**{name: value for name, value in given.items() if name in own})

    call.__signature__ = inspect.Signature([ctx, *extra, *rest])  # type: ignore[attr-defined]
    call.__annotations__ = {**command.__annotations__, **{name: kind for name, (kind, _) in FILTERS.items()}}
    return call


@filtered
def leads(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0)] = 20,  # noqa: ARG001 - read with the filters
    rejected: Annotated[bool, typer.Option("--rejected")] = False,
    json: Json = False,
) -> None:
    """List buyers; or, with --rejected, companies that are none, with the reason."""
    if rejected:
        _rejected(ctx, json=json)
        return
    from market_db.desk.store import latest_follow_ups
    from market_db.queries import find_leads
    from scripts.asking import in_words, query_of

    session: Session = ctx.obj
    with session.snapshot() as db:
        query = query_of(_typed(ctx), db, session.words)
        if json:
            _json_leads(session, db, query)
            return
        from market_db.forgetting.allowed import allowed_rows
        from scripts.show.leads import show_leads

        page = find_leads(db, query, latest_follow_ups(session.home))
        page = replace(page, rows=list(allowed_rows(session.home, page.rows)))
        show_leads(session.screen, db, query, page, words=session.words, told=in_words(query, session.words, new=ctx.params["new"]))


def _typed(ctx: typer.Context) -> Any:
    """The filters of `leads` and `export` as typed."""
    from scripts.asking import Typed

    several = {"product", "country", "role", "grade", "source", "has"}
    given: dict[str, Any] = {name: value for name, value in ctx.params.items() if name in Typed.__dataclass_fields__}
    return Typed(**given | {name: tuple(given[name] or ()) for name in several})


def _rejected(ctx: typer.Context, *, json: bool) -> None:
    from market_db.turned_down import as_data, find_turned_down
    from scripts.asking import query_of
    from scripts.screen import print_json
    from scripts.show.turned_down import show_turned_down

    session: Session = ctx.obj
    if unfit := [f"--{name.replace('_', '-')}" for name in NOT_OF_REJECTED if ctx.params[name] not in (None, False, [], (), "score")]:
        raise WrongUse(session.words.say("turned_down.filters", names=", ".join(unfit)))
    with session.snapshot() as db:
        query = query_of(_typed(ctx), db, session.words)
        page = find_turned_down(session.home, db, query)
    if json:
        print_json([as_data(row) for row in page.rows])
    else:
        show_turned_down(session.screen, query, page, session.words)


def _json_leads(session: Session, db: "sqlite_utils.Database", query: Any) -> None:
    import sys

    from market_db.desk.store import latest_follow_ups
    from market_db.exports.lists import write_json
    from market_db.forgetting.allowed import allowed_rows
    from market_db.queries import lead_rows

    write_json(sys.stdout, allowed_rows(session.home, lead_rows(db, query, latest_follow_ups(session.home))))


def lead(
    ctx: typer.Context,
    lead_id: Annotated[str, typer.Argument(metavar="ID")],
    archived: Annotated[int | None, typer.Option("--archived", min=1)] = None,
    json: Json = False,
) -> None:
    """Show one buyer."""
    from scripts.screen import print_json
    from scripts.show.lead import as_data, show_lead

    session: Session = ctx.obj
    with session.snapshot() as db:
        if refused := _refused(session, db, lead_id):
            _tell_refused(session, refused, json=json)
            return
        detail = _find(session, db, lead_id)
        if archived is not None:
            from scripts.show.archived import show_archived

            show_archived(session, detail, archived)
        elif json:
            print_json(as_data(detail))
        else:
            show_lead(session.screen, detail, session.words)


def _refused(session: Session, db: "sqlite_utils.Database", wanted: str) -> "list[TurnedDown]":
    """Why a company is no lead, where the id is that of one."""
    from market_db.turned_down import turned_down

    return [] if wanted.isdigit() and len(wanted) <= LONGEST_RANK else turned_down(session.home, db, wanted)


def _tell_refused(session: Session, refused: "list[TurnedDown]", *, json: bool) -> None:
    from market_db.turned_down import as_data
    from scripts.screen import line, plain, print_json
    from scripts.show.turned_down import show_rows

    if json:
        print_json([as_data(row) for row in refused])
        return
    line(session.screen, session.words.say("turned_down.head", company=plain(refused[0].company, 80)), "bold")
    show_rows(session.screen, refused, session.words)


def _find(session: Session, db: "sqlite_utils.Database", wanted: str) -> "LeadDetail":
    """A lead by its number in the list, its id, the beginning of its id, or the id it had before a merge."""
    from market_db.desk.store import latest_follow_ups
    from market_db.queries import lead_detail

    follow_ups = latest_follow_ups(session.home)
    ids = [wanted]
    if wanted.isdigit() and len(wanted) <= LONGEST_RANK:
        ids += [found for (found,) in db.conn.execute("select lead_id from lead_rows where rank=?", (int(wanted),))]
    if len(wanted) >= 4 and wanted.isalnum():
        ids += [
            found for (found,) in db.conn.execute("select lead_id from lead_rows where lead_id glob ? limit 2", (f"{wanted.lower()}*",))
        ]
    found = {detail.row.lead_id: detail for detail in (lead_detail(db, one, follow_ups) for one in ids) if detail}
    if len(found) != 1:
        raise WrongUse(session.words.say("errors.lead_many" if found else "errors.lead", value=wanted))
    return next(iter(found.values()))


def markets(ctx: typer.Context, product: Product = None, country: Country = None, json: Json = False) -> None:
    """Show demand by country."""
    from market_db.markets.notices import open_notices
    from market_db.markets.refusals import refused_for
    from market_db.queries import demand
    from market_db.queries import markets as stored
    from scripts.asking import choose, country_code, product_names
    from scripts.screen import print_json
    from scripts.show.markets import Beside, show_market, show_markets
    from scripts.show.notices import today

    session: Session = ctx.obj
    key = choose(product, product_names(session.words), "product", session.words) if product else None
    code = country_code(country, session.words)
    with session.snapshot() as db:
        found = [market for market in stored(db, key) if code in (None, market.country)]
        if json:
            print_json(found)
        elif code and found:
            for market in found:
                about = (market.product, market.country)
                beside = Beside(demand(db, *about), open_notices(db, *about, today()), refused_for(db, *about))
                show_market(session.screen, market, beside, session.words)
        else:
            show_markets(session.screen, found, session.words)


def runs(
    ctx: typer.Context,
    what: Annotated[list[str] | None, typer.Argument(metavar="SOURCE | show RUN_ID")] = None,
    details: Annotated[bool, typer.Option("--details")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 20,
    json: Json = False,
) -> None:
    """Show what was crawled."""
    from scripts.screen import print_json
    from scripts.show.runs import show_run, show_runs

    session: Session = ctx.obj
    with session.history() as db:
        found = _runs(session, db, what or [], limit)
        full = details or bool(what and what[0] == "show")
        if json:
            print_json([_run_data(db, run) if full else run for run in found])
        elif full and found and db:
            for run in found:
                data = _run_data(db, run)
                show_run(session.screen, run, data["rejections"], data["issues"], session.words)
        else:
            show_runs(session.screen, found, session.words)


def _runs(session: Session, db: "sqlite_utils.Database | None", what: list[str], limit: int) -> list[Any]:
    """Runs of all sources, of one, or with one run id. Raises WrongUse for names that never ran and ids that are none."""
    from market_db.codec import from_row
    from market_db.queries import runs as stored
    from market_db.rows import read_rows
    from market_db.runs import Run

    if len(what) > 2 or (what and what[0] == "show" and len(what) != 2) or (len(what) == 2 and what[0] != "show"):
        raise WrongUse(session.words.say("errors.runs_use"))
    if db is None:
        return []
    if not what:
        return stored(db, None, limit)
    if what[0] == "show":
        found = [from_row(Run, row) for row in read_rows(db, "select * from runs where run_id=? order by source", (what[1],))]
        if not found:
            raise WrongUse(session.words.say("errors.run", value=what[1]))
        return found
    return stored(db, _source_that_ran(session, db, what[0]), limit)


def _source_that_ran(session: Session, db: "sqlite_utils.Database", name: str) -> str:
    from scripts.asking import choose

    known = dict(db.conn.execute("select name, title from sources union select source, source from runs").fetchall())
    return choose(name, known, "source", session.words)


def _run_data(db: "sqlite_utils.Database | None", run: Any) -> dict[str, Any]:
    from market_db.queries import issues, rejections

    assert db is not None
    mine = [item for item in rejections(db, run.run_id) if item.source == run.source]
    odd = [item for item in issues(db, run.run_id) if item.source == run.source]
    return {"run": run, "rejections": mine, "issues": odd}


@filtered
def export(
    ctx: typer.Context,
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=MOST_ROWS)] = MOST_ROWS,  # noqa: ARG001 - read with the filters
    format_: Annotated[str, typer.Option("--format", "-f")] = "xlsx",
    output: Annotated[str | None, typer.Option("--output", "-o")] = None,
    json: Json = False,
) -> None:
    """Write a shortlist to a file."""
    from scripts.asking import choose, query_of
    from scripts.export import FORMATS, export_from_terminal
    from scripts.screen import print_json

    session: Session = ctx.obj
    with session.snapshot() as db:
        query = query_of(_typed(ctx), db, session.words)
        suffix = choose(format_, dict.fromkeys(FORMATS, ""), "format", session.words)
    done = export_from_terminal(session.home, query, words=session.words, suffix=suffix, name=output, new=ctx.params["new"])
    if json:
        print_json(done)
        return
    session.note(session.words.count("export.done", done.rows, total=session.words.number(done.total)))
    typer.echo(done.path)


COMMANDS: dict[str, Callable[..., None]] = {
    "leads": leads,
    "lead": lead,
    "markets": markets,
    "runs": runs,
    "export": export,
}
