"""What people should judge next about companies, and what they said that cannot all be true: for `tembus review` and the workspace."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlite_utils

from market_db.codec import from_row, to_row
from market_db.companies.mentions import load_mentions
from market_db.derived import Mention, Question
from market_db.desk.entered import Decision
from market_db.desk.judgements import Contradiction, Pair, contradictions, living, numbered, pair_of, standing
from market_db.rows import batched, read_rows, write_rows

CHUNK = 500
KEPT = 2_000
"""Open questions that are kept: the best ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with both sides as their sources show them."""

    question: Question
    one: Mention
    two: Mention
    company_one: str | None
    """Company id of the first side; None = in none yet."""
    company_two: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A decision with the names of its firms, and whether it counts now."""

    decision: Decision
    name_a: str | None
    """None = the record is no more."""
    name_b: str | None
    counts: bool
    undone: bool


@dataclass(frozen=True, slots=True)
class Dispute:
    """Decisions that cannot all be true: the chain that ties two firms, and the word that parts them."""

    same: tuple[Entry, ...]
    apart: Entry


def save_questions(db: sqlite_utils.Database, parties: Collection[str], questions: Iterable[Question]) -> None:
    """Put questions in place of those about the same records; one transaction. Of all only the best KEPT stay."""
    with db.atomic():
        for part in batched(sorted(parties), CHUNK):
            marks = ",".join("?" * len(part))
            db.conn.execute(f"delete from review_questions where party_a in ({marks}) or party_b in ({marks})", (*part, *part))
        write_rows(db, "review_questions", map(to_row, questions), replace=True)
        for column in ("party_a", "party_b"):
            db.conn.execute(f"delete from review_questions where {column} not in (select party_id from company_members)")
        worst = f"select rowid from review_questions order by {ORDER} limit -1 offset {KEPT}"
        db.conn.execute(f"delete from review_questions where rowid in ({worst})")


ORDER = "alarm is null, gain desc, party_a, party_b"


def questions(db: sqlite_utils.Database, decisions: Sequence[Decision], limit: int = 20) -> list[Asked]:
    """What to ask next, best first; what was judged since the refresh is left out. Works on the market and on the snapshot."""
    judged = judged_pairs(decisions)
    rows = read_rows(db, f"select * from review_questions order by {ORDER}")
    found = [one for row in rows if ((one := from_row(Question, row)).party_a, one.party_b) not in judged][:limit]
    parties = {party for one in found for party in (one.party_a, one.party_b)}
    mentions = {mention.party_id: mention for mention in load_mentions(db, parties)}
    company = _companies(db, parties)
    return [
        Asked(
            question=one,
            one=mentions[one.party_a],
            two=mentions[one.party_b],
            company_one=company.get(one.party_a),
            company_two=company.get(one.party_b),
        )
        for one in found
        if one.party_a in mentions and one.party_b in mentions
    ]


def _companies(db: sqlite_utils.Database, parties: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in batched(sorted(parties), CHUNK):
        sql = f"select party_id, company_id from company_members where party_id in ({','.join('?' * len(part))})"
        found |= dict(db.conn.execute(sql, part).fetchall())
    return found


def entries(db: sqlite_utils.Database, decisions: Sequence[Decision]) -> list[Entry]:
    """Every decision, newest first, with names and whether it counts."""
    known, alive, counted = numbered(decisions), {one.id for one in living(decisions)}, {one.id for one in standing(decisions)}
    names = _names(db, known)
    made = (_entry(one, names, counts=one.id in counted, undone=one.kind != "undone" and one.id not in alive) for one in known)
    return list(made)[::-1]


def disputes(db: sqlite_utils.Database, decisions: Sequence[Decision]) -> list[Dispute]:
    """Contradictions among what counts, with names."""
    found = contradictions(decisions)
    names = _names(db, [decision for one in found for decision in _of(one)])
    return [Dispute(tuple(_entry(decision, names) for decision in one.same), _entry(one.apart, names)) for one in found]


def _of(one: Contradiction) -> Iterator[Decision]:
    yield from one.same
    yield one.apart


def _entry(decision: Decision, names: Mapping[str, str], *, counts: bool = True, undone: bool = False) -> Entry:
    name_b = names.get(decision.party_b) if decision.party_b else None
    return Entry(decision=decision, name_a=names.get(decision.party_a), name_b=name_b, counts=counts, undone=undone)


def _names(db: sqlite_utils.Database, decisions: Iterable[Decision]) -> dict[str, str]:
    found: dict[str, str] = {}
    parties = {party for one in decisions for party in (one.party_a, one.party_b) if party}
    for part in batched(sorted(parties), CHUNK):
        sql = f"select id, name from all_parties where id in ({','.join('?' * len(part))})"
        found |= dict(db.conn.execute(sql, part).fetchall())
    return found


def judged_pairs(decisions: Sequence[Decision]) -> set[Pair]:
    """Pairs about which something counts, unsure ones too: they are not asked about again."""
    return {pair for one in standing(decisions) if (pair := pair_of(one))}
