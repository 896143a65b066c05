"""Tables of what people entered: they outlive every crawl, refresh and snapshot."""

import sqlite_utils
from sqlite_utils.migrations import Migrations

from market_db.codec import columns_of
from market_db.desk import entered
from market_db.sqlite import create

desk_migrations = Migrations("tembus-desk")


@desk_migrations()
def desk_tables(db: sqlite_utils.Database) -> None:
    """What people entered."""
    create(db, "do_not_contact", columns_of(entered.DoNotContact), ("kind", "hash"))
    create(db, "decisions", columns_of(entered.Decision), "id", ["party_a"], ["party_b"])
    create(db, "follow_ups", {"id": int, **columns_of(entered.FollowUp)}, "id", ["lead_id"])
    create(db, "shortlist_entries", columns_of(entered.ShortlistEntry), ("shortlist", "lead_id"))
    create(db, "meta", {"key": str, "value": str}, "key")


@desk_migrations()
def source_approval_table(db: sqlite_utils.Database) -> None:
    """Which terms a person read, and what they decided."""
    create(db, "source_approvals", {"id": int, **columns_of(entered.SourceApproval)}, "id", ["source"])


@desk_migrations()
def shortlist_tables(db: sqlite_utils.Database) -> None:
    """Exporters, their shortlists, follow-ups within them, and workbooks that came back."""
    create(db, "exporters", columns_of(entered.ExporterCard), "id")
    create(db, "shortlists", columns_of(entered.Shortlist), "id", ["exporter"])
    create(db, "returned_workbooks", columns_of(entered.ReturnedWorkbook), "id")
    create(db, "returned_rows", columns_of(entered.ReturnedRow), ("workbook", "row"))
    for table, record in (("shortlist_entries", entered.ShortlistEntry), ("follow_ups", entered.FollowUp)):
        have = db.table(table).columns_dict
        for name, kind in columns_of(record).items():
            if name not in have:
                db.table(table).add_column(name, kind, not_null_default="" if name in ("company", "product") else None)


@desk_migrations()
def saved_search_table(db: sqlite_utils.Database) -> None:
    """Views of the list that people keep."""
    create(db, "saved_searches", {"id": int, **columns_of(entered.KeptSearch)}, "id", ["entered_by"])


@desk_migrations()
def undone_decisions(db: sqlite_utils.Database) -> None:
    """Which decision a later one takes back."""
    if "undoes" not in db.table("decisions").columns_dict:
        db.table("decisions").add_column("undoes", int)
