"""Which leads a typed text finds: whole words first, then any part of a word; words of very many leads are kept as bitmaps.

The full-text index reads some five million places of words a second, so a word that stands in every one of a million leads would
cost a fifth of a second whenever it is typed. Every word and every beginning of a word that stands in a twentieth of the leads or
more has its bitmap in the snapshot, worked out once a night (a million leads: 125 KB each); the full-text index answers the rest.
"""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import and_, or_

import sqlite_utils

from market_db.finding.search import match_words, spelt, words_of

SHARE, FEW = 20, 2_000
"""A bitmap is kept for what stands in more than one of so many leads, and in more leads than that."""
LEAST_PART = 3
"""Letters of which a part of a word is searched for: the index of parts knows no shorter ones."""
TABLES = (
    "create virtual table lead_places using fts5vocab(lead_words, instance)",
    "create table text_terms (id integer primary key, term text) strict",
    "create virtual table text_parts using fts5(term, content='text_terms', content_rowid='id', detail=none, tokenize='trigram')",
    "create table text_bits (id integer primary key, bits blob) strict",
    "create table text_common (beginning integer, text text, bits_id integer, primary key (beginning, text)) strict, without rowid",
)
MATCH = "select rowid from lead_words where lead_words match ?"
PARTS = (
    "select p.doc from text_terms t cross join lead_places p on p.term = t.term and p.col = 'words'"
    " where t.id in (select rowid from text_parts where term like ?)"
)
"""Leads with a word that contains a text, as `%text%`."""
MANY = 40
"""From one in so many leads on, a byte a lead is set and packed at once: a quarter of the time of setting single bits."""
ONE = ord("1")


def to_bits(ranks: Sequence[int], size: int) -> int:
    """Bitmap of ranks below `size`."""
    if len(ranks) > size // MANY:
        marks = bytearray(b"0" * size)
        for rank in ranks:
            marks[rank] = ONE
        return int(bytes(reversed(marks)), 2)
    held = bytearray(size // 8 + 1)
    for rank in ranks:
        held[rank >> 3] |= 1 << (rank & 7)
    return int.from_bytes(held, "little")


def add_text_tables(db: sqlite_utils.Database) -> None:
    """Write words, parts of words and bitmaps of common ones beside the finished `lead_words` of a snapshot."""
    for sql in TABLES:
        db.conn.execute(sql)
    db.conn.execute("create virtual table temp.lead_terms using fts5vocab(main, lead_words, col)")
    db.conn.execute("create temp table worded as select term, doc from temp.lead_terms where col = 'words'")
    db.conn.execute("insert into text_terms (term) select term from worded where length(term) >= ?", (LEAST_PART,))
    db.conn.execute("insert into text_parts (text_parts) values ('rebuild')")
    size = int(db.conn.execute("select coalesce(max(rank), 0) from lead_rows").fetchone()[0]) + 1
    _add_common(db, size)
    db.conn.execute("drop table worded")
    db.conn.execute("drop table temp.lead_terms")


def _add_common(db: sqlite_utils.Database, size: int) -> None:
    """Bitmaps of common words and beginnings; two beginnings of the same words share one."""
    least = max(size // SHARE, FEW)
    for (term,) in db.conn.execute("select term from worded where doc > ?", (least,)).fetchall():
        db.conn.execute("insert into text_common values (0, ?, ?)", (term, _kept(db, f'words : "{term}"', size)))
    longer: dict[str, tuple[int, int]] = {}
    for text, places in _beginnings(db, least):
        same, bits_id = longer.get(text, (0, 0))
        if same != places:
            bits_id = _kept(db, f'words : "{text}"*', size)
        db.conn.execute("insert into text_common values (1, ?, ?)", (text, bits_id))
        longer[text[:-1]] = (places, bits_id)


def _beginnings(db: sqlite_utils.Database, least: int) -> list[tuple[str, int]]:
    """Beginnings of words with the number of places of all words that begin so, the longest first."""
    found: list[tuple[str, int]] = []
    while True:
        sql = "select substr(term, 1, ?1), sum(doc) from worded where length(term) >= ?1 group by 1 having sum(doc) > ?2"
        more = db.conn.execute(sql, (len(found[-1][0]) + 1 if found else 1, least)).fetchall()
        if not more:
            return found[::-1]
        found += more


def _kept(db: sqlite_utils.Database, expression: str, size: int) -> int:
    """Write the bitmap of what an expression finds; returns its id."""
    bits = to_bits(_ranks(db, MATCH, (expression,)), size)
    return int(db.conn.execute("insert into text_bits (bits) values (?)", (bits.to_bytes(size // 8 + 1, "little"),)).lastrowid or 0)


def text_bits(db: sqlite_utils.Database, text: str, size: int) -> int:
    """Bitmap of the leads a text finds, as `find_leads` does; 0 for a text without a word."""
    words = words_of(text)
    if not words:
        return 0
    found = _by_words(db, words, size)
    return found if found or not searched_in_parts(words) else _by_parts(db, words, size)


def searched_in_parts(words: Iterable[str]) -> bool:
    """Whether the words are long enough to be looked for inside other words."""
    return all(len(word) >= LEAST_PART for word in words)


def finds_words(db: sqlite_utils.Database, words: list[str]) -> bool:
    """Whether any lead has all the words, the last one as a beginning."""
    return bool(db.conn.execute("select 1 from lead_words where lead_words match ? limit 1", (match_words(words),)).fetchone())


def like_part(word: str) -> str:
    """A word as a pattern for PARTS; words have no letters that mean something in a pattern."""
    return f"%{_folded(word)}%"


def _by_words(db: sqlite_utils.Database, words: list[str], size: int) -> int:
    """Leads with all words, the last one as a beginning: bitmaps for the common ones, the index for the others."""
    kept = [_common(db, word, beginning=at == len(words) - 1) for at, word in enumerate(words)]
    found = reduce(and_, (bits for bits in kept if bits is not None), -1)
    left = [word for word, bits in zip(words, kept, strict=True) if bits is None]
    if not left:
        return found
    return found & to_bits(_ranks(db, MATCH, (match_words(left, beginning=kept[-1] is None),)), size)


def _by_parts(db: sqlite_utils.Database, words: list[str], size: int) -> int:
    """Leads that have all words inside their words."""
    return reduce(and_, (_with_part(db, like_part(word), size) for word in words))


def _with_part(db: sqlite_utils.Database, pattern: str, size: int) -> int:
    """Leads with a word like the pattern: bitmaps of the common ones, the places of the others."""
    common = db.conn.execute("select bits from text_common join text_bits on id = bits_id where beginning = 0 and text like ?", (pattern,))
    rare = f"select distinct doc as rowid from ({PARTS} and t.term not in (select text from text_common where beginning = 0))"
    return reduce(or_, (int.from_bytes(bits, "little") for (bits,) in common), to_bits(_ranks(db, rare, (pattern,)), size))


def _common(db: sqlite_utils.Database, word: str, *, beginning: bool) -> int | None:
    """Bitmap that is kept for a word, or for a beginning; None = ask the index."""
    sql = "select bits from text_common c join text_bits b on b.id = c.bits_id where c.beginning = ? and c.text = ?"
    row = db.conn.execute(sql, (int(beginning), _folded(word))).fetchone()
    return int.from_bytes(row[0], "little") if row else None


def _folded(word: str) -> str:
    """A word as the index writes it: small letters without their marks."""
    return "".join(letter for letter in unicodedata.normalize("NFD", spelt(word.lower())) if not unicodedata.combining(letter))


def _ranks(db: sqlite_utils.Database, sql: str, params: Sequence[str]) -> list[int]:
    # One text of numbers instead of a row each: a third of the time where a word is in very many leads
    (found,) = db.conn.execute(f"select json_group_array(rowid) from ({sql})", params).fetchone()
    return list(json.loads(found))
