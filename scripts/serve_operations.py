"""What the operator's pages show, read from the same functions as `tembus doctor`, `sources`, `runs` and the night's report."""

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from market_db.history import history, last_check, newest_runs
from market_db.home import Home
from market_db.runs import Run, SourceCard
from market_db.saying import Language
from market_db.web.operations import Check, NightLine, NightLook, Operations, Passport, Size, SourceLook, Unread
from scripts.doctor import STALE, Finding, examine
from scripts.report import NightReport, SourceLine, headline
from scripts.show.runs import reason_words
from scripts.show.sources import checked_said, facts_of, last_run, manners_of, state_of
from scripts.why import passport_text, why_of
from scripts.words import Words, words_in

FRESH = 60
"""Seconds that what the doctor found is shown again: a large database takes long to look through."""
ORDER = {"fail": 0, "warn": 1, "ok": 2}
QUIET = frozenset({"ok", "ok_zero", "no_key", "off", "off_terms", "by_hand", "imported", "never"})
"""States that say everything themselves."""


def words(home: Home, language: Language) -> Words:
    """The words of the command line."""
    return words_in(language, home.config.timezone)


class Doctor:
    """Looks once a minute, whoever asks."""

    def __init__(self) -> None:
        self.lock, self.at, self.found = threading.Lock(), datetime.min.replace(tzinfo=UTC), list[Finding]()

    def __call__(self, home: Home, language: Language) -> list[Check]:
        """What there is to say, worst first."""
        said = words(home, language)
        with self.lock:
            now = datetime.now(UTC)
            if (now - self.at).total_seconds() >= FRESH:
                self.found, self.at = examine(home, now=now), now
            found = sorted(self.found, key=lambda item: ORDER[item.status])
        return [Check(check=item.check, status=item.status, text=item.text(said)) for item in found]


def register(home: Home, language: Language) -> list[SourceLook]:
    """All sources, with their newest run."""
    from scripts.crawl import source_cards

    with history(home) as db:
        newest = newest_runs(db) if db else {}
    return [_look(card, newest.get(card.name), words(home, language)) for card in source_cards(home)]


def _look(card: SourceCard, run: Run | None, said: Words) -> SourceLook:
    from scripts.due import is_due

    state = state_of(card, run)
    why = why_of(run.why, said) if run and run.why and state not in QUIET else passport_text(card.note, said) if state == "off" else ""
    live = run if run and run.mode == "live" else None
    due = card.enabled and card.terms_read is not None and is_due(card, live, datetime.now(UTC))
    return SourceLook(card=card, state=state, said=last_run(card, run, said), why=why, run=run, due=due)


def passport(home: Home, name: str, language: Language) -> Passport | None:
    """One source in full; None where there is none of that name."""
    from scripts.crawl import all_sources, source_cards

    card = next((card for card in source_cards(home) if card.name == name), None)
    if card is None:
        return None
    said, source = words(home, language), all_sources(home).get(name)
    with history(home) as db:
        run = newest_runs(db).get(name) if db else None
        check = last_check(db, name) if db else None
    note = {"note": passport_text(card.note, said)} if card.note else {}
    facts = facts_of(card, said) | (manners_of(source[1], said) if source else {}) | note
    return Passport(
        look=_look(card, run, said),
        facts={said.say(f"passport.{key}"): value for key, value in facts.items()},
        check=check,
        checked=checked_said(check, said) if check else said.say("checks.never") if source else "",
    )


def night(home: Home, language: Language) -> NightLook | None:
    """The newest report that can be read."""
    reports = sorted(home.logs.glob("report-*.json"), reverse=True) if home.logs.is_dir() else []
    report, data = next((found for path in reports if (found := _read(path))), (None, {}))
    if report is None:
        return None
    said = words(home, language)
    ended = datetime.fromisoformat(report.ended)
    names = ("leads", "leads_new", "companies_new", "companies_changed", "companies_gone", "not_due")
    return NightLook(
        night=report.night,
        outcome=report.outcome,
        headline=headline(report, said),
        started=report.started,
        ended=report.ended,
        old=datetime.now(UTC) - ended >= STALE,
        next_run=report.next_run,
        sources=tuple(_line(line, said) for line in report.sources),
        counts={name: getattr(report, name) for name in names},
        problems=tuple(said.say("report.problem", step=said.say(f"steps.{step}"), why=why) for step, why in report.problems.items()),
        backups=len(report.backups),
        data=data,
    )


def _read(path: Path) -> tuple[NightReport, Mapping[str, Any]] | None:
    """A report; None for one that was cut short or that another version wrote."""
    try:
        data = json.loads(path.read_text("utf-8"))
        lines = tuple(SourceLine(**line) for line in data["sources"])
        facts = {key: value for key, value in data.items() if key in NightReport.__dataclass_fields__} | {"sources": lines}
        report = NightReport(**facts)
        if datetime.fromisoformat(report.ended).tzinfo is None:
            return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return report, data


def _line(line: SourceLine, said: Words) -> NightLine:
    return NightLine(
        source=line.source,
        verdict=line.verdict,
        scraped=line.scraped,
        usual=line.usual,
        new=line.new,
        changed=line.changed,
        rejected=line.rejected,
        why=why_of(line.why, said) if line.why else "",
        good=line.good,
        counted=line.counted,
    )


def unread(home: Home, language: Language) -> list[Unread]:
    """As `tembus sources` lists them."""
    from scripts.show.sources import unread_said
    from spiders.not_read import not_read

    said = words(home, language)
    return [Unread(title=row.title, home=row.home or "", said=unread_said(row, said)) for row in not_read()]


def sizes(home: Home) -> list[Size]:
    """What takes room in the home, the largest first."""
    databases = [Size(name=path.name, size=_bytes(path), files=1) for path in sorted(home.root.glob("*.db"))]
    folders = [_folder(path) for path in (home.archive, home.exports, home.backups, home.logs) if path.is_dir()]
    return sorted([*databases, *folders], key=lambda one: -one.size)


def _bytes(path: Path) -> int:
    """A database with what is not yet written into it."""
    return sum(_size(part) for part in (path, path.with_name(f"{path.name}-wal")))


def _size(path: Path) -> int:
    """Bytes of a file; 0 where it went away meanwhile: the night writes and clears out."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _folder(path: Path) -> Size:
    found = [_size(part) for part in path.rglob("*") if part.is_file()]
    return Size(name=path.name, size=sum(found), files=len(found))


def operations() -> Operations:
    """Everything the pages are handed."""
    return Operations(
        words=words,
        why=why_of,
        reason=reason_words,
        health=Doctor(),
        register=register,
        passport=passport,
        night=night,
        sizes=sizes,
        unread=unread,
    )
