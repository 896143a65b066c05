"""Commands that do something: crawl, refresh, publish, nights, backups, and setting a home up. Each writer holds the lock."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from scripts.session import Session, WrongUse

Json = Annotated[bool, typer.Option("--json")]
Yes = Annotated[bool, typer.Option("--yes", "-y")]


def crawl(
    ctx: typer.Context,
    *,
    names: Annotated[list[str] | None, typer.Argument(metavar="SOURCE")] = None,
    replay: Annotated[list[Path] | None, typer.Option("--replay", exists=True, dir_okay=False)] = None,
    product: Annotated[list[str] | None, typer.Option("--product", "-p")] = None,
    max_requests: Annotated[int | None, typer.Option("--max-requests", min=1)] = None,
    max_seconds: Annotated[int | None, typer.Option("--max-seconds", min=1)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    json: Json = False,
) -> None:
    """Read sources now."""
    from pipelines.chosen import chosen_products
    from scripts.asking import choose, product_names
    from scripts.crawl import plan
    from scripts.lock import one_writer

    session: Session = ctx.obj
    known = product_names(session.words) if product else {}
    keys = [choose(value, known, "product", session.words) for value in product or ()]
    asked = {"replay": replay or (), "products": keys or None, "max_requests": max_requests, "max_seconds": max_seconds}
    if dry_run:
        chosen_products(keys or session.home.config.products)
        _tell_plan(session, names, replay)
        return
    if names and not replay:
        plan(names, session.home)  # a name that cannot be crawled is told before anything is made
    with one_writer(session.home, "crawl"):
        _abort_dead(session)
        done = _stoppable_crawl(session, names, asked)
    _tell_runs(session, done, as_json=json)


def _tell_plan(session: Session, names: list[str] | None, replay: list[Path] | None) -> None:
    """What a crawl would ask, without a network: hosts and budget of each source, and which lack their key."""
    import os

    from scripts.crawl import plan

    if replay:
        session.say("crawl.would_replay", files=", ".join(path.name for path in replay))
        return
    for item in plan(names, session.home):
        for name, about in item.sources.items():
            key = about.key_env if about.key_env and not about.key(os.environ) else None
            most = session.words.number(about.pace.max_requests)
            session.say(
                "crawl.would_lack" if key else "crawl.would_ask", source=name, hosts=", ".join(about.hosts), most=most, key=key or ""
            )
    session.say("crawl.would_end")


def _stoppable_crawl(session: Session, names: list[str] | None, asked: Any) -> list[Any]:
    """The crawl; the first Ctrl-C lets the source finish its batch."""
    from scripts.crawl import crawl as run
    from scripts.report import crawl_progress
    from scripts.stopping import Interrupted, stoppable

    try:
        with stoppable():
            return run(session.home, names or None, progress=crawl_progress(session.words, session.note), **asked)
    except Interrupted:
        _abort_dead(session)
        session.say("errors.stopped")
        raise typer.Exit(3) from None


def _abort_dead(session: Session) -> None:
    """Under the lock nothing can be running: what says so is dead."""
    from contextlib import closing
    from datetime import UTC, datetime

    from market_db.schema import has_market, open_market
    from market_db.store import abort_running

    if has_market(session.home):
        with closing(open_market(session.home)) as db:
            abort_running(db, datetime.now(UTC))


def _tell_runs(session: Session, done: list[Any], *, as_json: bool) -> None:
    """One line a source, the way on, and the code: 0 all good, 3 some, 1 none; a source without a key is no failure."""
    from scripts.crawl import NO_KEY
    from scripts.report import is_good
    from scripts.screen import print_json
    from scripts.show.runs import summary

    if as_json:
        print_json(done)
    for text in summary(done, session.words):
        session.note(text)
    good = sum(is_good(run) for run in done)
    session.say("crawl.done", good=good, total=len(done))
    if good:
        session.say("crawl.next")
    keyless = sum(run.verdict == "not_run" and run.why.startswith(NO_KEY) for run in done)
    if good + keyless < len(done) or not done:
        raise typer.Exit(3 if good else 1)


def refresh(ctx: typer.Context, json: Json = False) -> None:
    """Work out companies, markets and leads."""
    from pipelines.refresh import refresh as run
    from scripts.lock import one_writer
    from scripts.nightly import utc_now
    from scripts.screen import print_json

    session: Session = ctx.obj
    if not session.home.market.exists() and not session.home.published.exists():
        raise WrongUse(session.words.say("errors.nothing_crawled"))
    with one_writer(session.home, "refresh"):
        done = run(session.home, now=utc_now())
    if json:
        print_json(done)
        return
    counts = {
        name: session.words.number(getattr(done, name))
        for name in ("mentions", "companies_new", "companies_changed", "leads", "turned_down", "markets")
    }
    session.say("refresh.done", **counts)


def publish(ctx: typer.Context, insist: Annotated[bool, typer.Option("--insist")] = False, json: Json = False) -> None:
    """Make the result visible."""
    from market_db.publish import publish as run
    from scripts.lock import one_writer
    from scripts.nightly import utc_now
    from scripts.screen import jsonable, print_json

    session: Session = ctx.obj
    if not session.home.market.exists() and not session.home.published.exists():
        raise WrongUse(session.words.say("errors.nothing_crawled"))
    with one_writer(session.home, "publish"):
        done = run(session.home, now=utc_now(), insist=insist)
    if json:
        print_json({**jsonable(done), "path": str(done.path)})
        return
    session.say("publish.done", leads=session.words.number(done.leads), companies=session.words.number(done.companies))


def nightly(ctx: typer.Context, force: Annotated[bool, typer.Option("--force")] = False, json: Json = False) -> None:
    """Run one night."""
    from scripts.nightly import nightly as run

    session: Session = ctx.obj
    code = run(session.home, session.words, force=force, say=session.note)
    if json:
        newest = max(session.home.logs.glob("report-*.json"), key=lambda path: path.stat().st_mtime, default=None)
        sys.stdout.write(newest.read_text("utf-8") if newest else "null\n")
    if code:
        raise typer.Exit(code)


def schedule(ctx: typer.Context) -> None:
    """Stay, and run each night."""
    from scripts.journal import time_of, zone_of
    from scripts.report import OUTCOMES
    from scripts.ticker import stay

    session: Session = ctx.obj
    config = session.home.config

    def tell(date: str, code: int) -> None:
        outcome = "stopped" if code < 0 else OUTCOMES.get(code, "failed")
        session.say(f"night.over_{outcome}", night=session.words.day(date))

    time_of(config), zone_of(config)  # a mistake in them is told before anybody waits
    session.say("night.staying", at=config.nightly_at, zone=config.timezone)
    code = stay(session.home, tell)
    session.say("night.left")
    if code:
        raise typer.Exit(code)


def extract(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    url: Annotated[str, typer.Option("--url")],
    json: Json = False,
) -> None:
    """Read one saved page."""
    import json as js

    from scripts.screen import jsonable, print_json

    session: Session = ctx.obj
    if not url.startswith(("http://", "https://")):
        raise WrongUse(session.words.say("errors.url", value=url))
    from scripts.extract import extract_lines

    found = list(extract_lines(file, url))
    if json:
        print_json(found)
    else:
        for record in found:
            sys.stdout.write(js.dumps(jsonable(record), ensure_ascii=False) + "\n")
    session.note(session.words.count("extract.done", len(found)))


def forget(
    ctx: typer.Context,
    *,
    kind: Annotated[str, typer.Argument(metavar="KIND")],
    value: Annotated[str, typer.Argument(metavar="VALUE")],
    reason: Annotated[str, typer.Option("--reason")],
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Take out a contact or company for ever."""
    from market_db.access.audit import noted_from_terminal
    from market_db.desk.store import NORMALISE
    from scripts.asking import choose
    from scripts.export import who
    from scripts.forget import forget as run
    from scripts.lock import one_writer
    from scripts.nightly import utc_now
    from scripts.screen import jsonable, print_json

    session: Session = ctx.obj
    kind = choose(kind, dict.fromkeys(NORMALISE, ""), "kind", session.words)
    confirm(session, yes, session.words.say("forget.ask", kind=kind, value=value))
    with one_writer(session.home, "forget"):
        result = run(session.home, kind, value, by=who(), reason=reason)
        noted_from_terminal(session.home, "do_not_contact", now=utc_now(), about=kind)
    done = jsonable(result)
    if json:
        print_json(done)
        return
    if not result.found:
        session.say("forget.not_found", value=value)
        if result.similar:
            session.note(session.words.say("forget.similar", names=", ".join(result.similar)))
        raise typer.Exit(1)
    session.say("forget.done")
    for name, count in done.items():
        if isinstance(count, int) and not isinstance(count, bool) and count:
            label = session.words.say(f"forget.{name}") if session.words.has(f"forget.{name}") else name.replace("_", " ")
            session.note(f"  {label}: {session.words.number(count)}")
    if result.backups_removed and not result.backed_up:
        session.say("forget.no_backup")


def confirm(session: Session, yes: bool, question: str) -> None:
    """Ask once; without a person at the keyboard only --yes will do. Raises WrongUse, typer.Abort."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise WrongUse(session.words.say("errors.needs_yes"))
    session.note(question)
    sys.stderr.write(session.words.say("forget.prompt"))
    sys.stderr.flush()
    if sys.stdin.readline().strip().casefold() not in ("y", "ya", "yes"):
        raise typer.Abort


def doctor(ctx: typer.Context, json: Json = False) -> None:
    """Check the installation."""
    from scripts.doctor import examine, verdict
    from scripts.nightly import utc_now
    from scripts.screen import print_json
    from scripts.show.doctor import show_doctor

    session: Session = ctx.obj
    found = examine(session.bare_home, now=utc_now(), bad_config=str(session.trouble) if session.trouble else None)
    if json:
        print_json([{"check": item.check, "status": item.status, "text": item.text(session.words)} for item in found])
    else:
        show_doctor(session.screen, session.bare_home, found, session.words)
    if verdict(found):
        raise typer.Exit(verdict(found))


def backup(ctx: typer.Context, json: Json = False) -> None:
    """Copy the databases."""
    from scripts.backup import back_up
    from scripts.nightly import utc_now
    from scripts.screen import print_json

    session: Session = ctx.obj
    made = back_up(session.home, now=utc_now())
    if json:
        print_json([{"kind": copy.kind, "path": str(copy.path), "size": copy.size} for copy in made])
        return
    for copy in made:
        typer.echo(copy.path)
    session.note(session.words.count("backup.done", len(made)) if made else session.words.say("backup.nothing_yet"))


def restore(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE")] = None,
    yes: Yes = False,
) -> None:
    """Bring a backup back."""
    from scripts.backup import kind_of, needed
    from scripts.backup import restore as run
    from scripts.lock import one_writer
    from scripts.nightly import utc_now

    session: Session = ctx.obj
    with one_writer(session.home, "restore"):
        if file is not None:
            kind = kind_of(file)
            confirm(session, yes, session.words.say("backup.ask", name=f"{kind}.db", file=file))
        chosen = [file] if file else [copy.path for copy in needed(session.home)]
        if not chosen:
            _list_backups(session)
            return
        done = [run(session.home, path, now=utc_now()) for path in chosen]
    for item in done:
        session.say("backup.restored", name=f"{item.kind}.db", file=item.source.name)
        if item.kept_aside:
            session.say("backup.aside", file=item.kept_aside)
    if any(item.kind == "market" for item in done):
        session.say("backup.next")


def _list_backups(session: Session) -> None:
    from scripts.backup import backups

    found = backups(session.home)
    session.say("backup.nothing_damaged" if found else "backup.nothing_there")
    for copy in found:
        session.note(f"  {copy.path}  {session.words.moment(copy.made)}  {session.words.number(copy.size / 2**20, 1)} MB")


def init(
    ctx: typer.Context,
    contact: Annotated[str, typer.Option("--contact")] = "",
) -> None:
    """Set up a home."""
    from market_db.home import fits
    from scripts.config_text import write_config

    session: Session = ctx.obj
    if not fits("contact", contact):
        raise WrongUse(session.words.say("errors.contact", value=contact))
    home = session.bare_home
    path = write_config(home, session.words, contact)
    if path is None:
        raise WrongUse(session.words.say("init.exists", root=home.root))
    home.sites.mkdir(mode=0o700, exist_ok=True)
    session.say("init.done", path=path)
    session.say("init.next" if contact else "init.next_contact")
    typer.echo(path)


COMMANDS: dict[str, Callable[..., None]] = {
    "init": init,
    "doctor": doctor,
    "crawl": crawl,
    "refresh": refresh,
    "publish": publish,
    "nightly": nightly,
    "schedule": schedule,
    "extract": extract,
    "forget": forget,
    "backup": backup,
    "restore": restore,
}
