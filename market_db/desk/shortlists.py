"""The only writes of shortlists and exporters, and how they are read back: all of it in desk.db, nothing that a refresh can touch."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from market_db.codec import from_row, to_row
from market_db.desk.entered import ExporterCard, FollowUp, Shortlist, ShortlistEntry
from market_db.desk.file import read_desk, write_desk
from market_db.desk.quiet import quiet
from market_db.desk.store import suppressed
from market_db.home import Home
from market_db.rows import read_rows, write_rows

MOST_ENTRIES = 5_000
"""Buyers on one shortlist: more than a campaign can follow up, few enough for one page of records."""

MOST_AT_ONCE = 500
"""Buyers put on a list in one go."""


class ChangedMeanwhile(Exception):
    """Raised when a form was opened before somebody else changed the same thing."""


def new_id() -> str:
    """An id that nobody can guess from another."""
    return secrets.token_hex(6)


def exporters(home: Home, *, retired: bool = False) -> list[ExporterCard]:
    """Exporters by name; `retired` adds those that were put away."""
    with read_desk(home) as db:
        rows = read_rows(db, "select * from exporters order by name collate nocase, id") if db else ()
        return [card for row in rows if (card := from_row(ExporterCard, row)) and (retired or not card.retired)]


def exporter(home: Home, key: str) -> ExporterCard | None:
    """One exporter, also one that was put away; None = no such."""
    with read_desk(home) as db:
        found = next(read_rows(db, "select * from exporters where id=?", (key,)), None) if db else None
    return from_row(ExporterCard, found) if found else None


def save_exporter(home: Home, card: ExporterCard) -> ExporterCard:
    """Keep an exporter; `version` is the one the form was opened with, 0 for a new one. Raises ChangedMeanwhile."""
    with write_desk(home) as db:
        held = db.conn.execute("select version from exporters where id=?", (card.id,)).fetchone()
        if (held[0] if held else 0) != card.version:
            raise ChangedMeanwhile(card.id)
        kept = replace(card, version=card.version + 1)
        write_rows(db, "exporters", [to_row(kept)], replace=True)
    return kept


def shortlists(home: Home, exporter_id: str | None = None) -> list[Shortlist]:
    """Shortlists, open ones first, newest first; of one exporter where it is named."""
    where, params = ("where exporter=?", (exporter_id,)) if exporter_id else ("", ())
    sql = f"select * from shortlists {where} order by closed, entered_at desc, id"
    with read_desk(home) as db:
        return [from_row(Shortlist, row) for row in read_rows(db, sql, params)] if db else []


def shortlist(home: Home, key: str) -> Shortlist | None:
    """One shortlist; None = no such."""
    with read_desk(home) as db:
        found = next(read_rows(db, "select * from shortlists where id=?", (key,)), None) if db else None
    return from_row(Shortlist, found) if found else None


def save_shortlist(home: Home, one: Shortlist) -> None:
    """Keep a shortlist's name, exporter, campaign, owner and whether it is closed."""
    with write_desk(home) as db:
        write_rows(db, "shortlists", [to_row(one)], replace=True)


def drop_shortlist(home: Home, key: str) -> None:
    """Remove a shortlist with its entries; the follow-ups made for it stay in each buyer's history."""
    with write_desk(home) as db:
        db.conn.execute("delete from shortlist_entries where shortlist=?", (key,))
        db.conn.execute("delete from shortlists where id=?", (key,))


def entries(home: Home, key: str) -> list[ShortlistEntry]:
    """Entries of a shortlist in its order."""
    with read_desk(home) as db:
        sql = "select * from shortlist_entries where shortlist=? order by position, entered_at, lead_id"
        return [from_row(ShortlistEntry, row) for row in read_rows(db, sql, (key,))] if db else []


def entry_counts(home: Home) -> dict[str, int]:
    """Shortlist -> number of its entries."""
    with read_desk(home) as db:
        return dict(db.conn.execute("select shortlist, count(*) from shortlist_entries group by 1").fetchall()) if db else {}


def lists_with(home: Home, leads: Iterable[str]) -> list[Shortlist]:
    """Shortlists that hold one of these lead ids."""
    marks = list(leads)
    sql = f"select * from shortlists where id in (select shortlist from shortlist_entries where lead_id in ({','.join('?' * len(marks))}))"
    with read_desk(home) as db:
        return [from_row(Shortlist, row) for row in read_rows(db, sql + " order by closed, name", marks)] if db else []


def exporter_names(home: Home) -> dict[str | None, str]:
    """Exporter -> name, also of those that were put away."""
    return {card.id: card.name for card in exporters(home, retired=True)}


def label_of(one: Shortlist, names: Mapping[str | None, str]) -> str:
    """Name of a list with its exporter's."""
    return f"{one.name} · {names[one.exporter]}" if one.exporter in names else one.name


def open_lists(home: Home) -> list[tuple[str, str]]:
    """(id, name with exporter) of the lists a buyer can be put on."""
    names = exporter_names(home)
    return [(one.id, label_of(one, names)) for one in shortlists(home) if not one.closed]


def lists_of(home: Home, leads: Iterable[str]) -> dict[str, object]:
    """What a buyer's page shows: lists it is on with their labels, and others it can be put on. `leads` are its ids, also before merges."""
    held, names = lists_with(home, leads), exporter_names(home)
    here = {one.id for one in held}
    return {"on": [(one, label_of(one, names)) for one in held], "others": [pair for pair in open_lists(home) if pair[0] not in here]}


def add_entries(home: Home, wished: Iterable[ShortlistEntry]) -> int:
    """Put leads at the end of their shortlist; who is on it already stays where it is. Returns how many are new."""
    added = 0
    with write_desk(home) as db:
        for entry in wished:
            last, count = db.conn.execute(
                "select coalesce(max(position), 0), count(*) from shortlist_entries where shortlist=?", (entry.shortlist,)
            ).fetchone()
            held = db.conn.execute("select 1 from shortlist_entries where shortlist=? and lead_id=?", (entry.shortlist, entry.lead_id))
            if held.fetchone() or count >= MOST_ENTRIES:
                continue
            write_rows(db, "shortlist_entries", [to_row(replace(entry, position=last + 1))])
            added += 1
    return added


def drop_entries(home: Home, key: str, leads: Iterable[str]) -> int:
    """Take leads off a shortlist; returns how many were on it."""
    with write_desk(home) as db:
        rows = [(key, lead) for lead in leads]
        return sum(db.conn.execute("delete from shortlist_entries where shortlist=? and lead_id=?", row).rowcount for row in rows)


def order_entries(home: Home, key: str, leads: Iterable[str]) -> None:
    """Number the entries in the given order; those not named keep theirs behind them."""
    named = list(dict.fromkeys(leads))
    with write_desk(home) as db:
        sql = "select lead_id from shortlist_entries where shortlist=? order by position, entered_at, lead_id"
        held = [lead for (lead,) in db.conn.execute(sql, (key,))]
        order = [lead for lead in named if lead in held] + [lead for lead in held if lead not in named]
        rows = [(at, key, lead) for at, lead in enumerate(order, 1)]
        db.conn.executemany("update shortlist_entries set position=? where shortlist=? and lead_id=?", rows)


def add_checked(home: Home, step: FollowUp, check: Callable[[], None]) -> None:
    """Keep a step, unless `check`, called while nobody else can write, raises."""
    with write_desk(home) as db:
        check()
        write_rows(db, "follow_ups", [to_row(quiet(step, suppressed(home)))])


def follow_ups(home: Home) -> list[FollowUp]:
    """Every step anybody entered, oldest first."""
    with read_desk(home) as db:
        return [from_row(FollowUp, row) for row in read_rows(db, "select * from follow_ups order by id")] if db else []
