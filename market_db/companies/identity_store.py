"""What identity remembers between nights: looks, their keys with counts, and scored pairs. A cache: it can be thrown away at any time.

It lies beside the market as identity.db and counts only for the refresh it was written for (`stamp`), so a restored market, a killed
refresh or another version of the weights leads to a rebuild, never to stale answers.
"""

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from market_db.rows import batched
from market_db.sqlite import sqlite3

CHUNK = 500
BULK = 50_000
"""Looks that are put under their keys at a time."""
CACHE_KB = 16_384
"""Pages that are held in memory: four times as many save no CPU, neither for a night among a million looks nor for the first 100,000."""
TABLES = """
create table if not exists looks (id integer primary key, digest blob unique, look text not null, keys blob not null);
create table if not exists parties (party text primary key, look integer not null) without rowid;
create index if not exists parties_look on parties (look);
create table if not exists keys (k integer, id integer, primary key (k, id)) without rowid;
create table if not exists counts (k integer primary key, n integer not null) without rowid;
create table if not exists words (word text primary key, n integer not null) without rowid;
create table if not exists edges (a integer, b integer, odds real not null, primary key (a, b)) without rowid;
create index if not exists edges_b on edges (b);
create table if not exists chains (look integer primary key, chain text not null) without rowid;
create index if not exists chains_chain on chains (chain);
create table if not exists meta (key text primary key, value text not null) without rowid;
"""


class IdentityStore:
    """One open cache; `path` None = in memory. Nothing is kept before `keep` is called."""

    def __init__(self, path: Path | None = None) -> None:
        self.conn = _open(path)
        self.stored = path is not None

    def close(self) -> None:
        """Close without keeping what was not kept."""
        self.conn.close()

    def keep(self, stamp: str) -> None:
        """Write everything, and for what it counts."""
        self.conn.execute("insert or replace into meta values ('stamp', ?)", (stamp,))
        self.conn.commit()

    @property
    def stamp(self) -> str | None:
        """For what the content counts; None = nothing was ever kept."""
        row = self.conn.execute("select value from meta where key='stamp'").fetchone()
        return str(row[0]) if row else None

    def clear(self) -> None:
        """Forget everything."""
        for table in ("looks", "parties", "keys", "counts", "words", "edges", "chains", "meta"):
            self.conn.execute(f"delete from {table}")

    def size(self) -> int:
        """How many looks there are."""
        return int(self.conn.execute("select count(*) from looks").fetchone()[0])

    def looks_of(self, parties: Collection[str]) -> dict[str, int]:
        """Party -> number of its look, for those that are known."""
        return dict(self._chunked("select party, look from parties where party in ({})", sorted(parties)))

    def parties_of(self, looks: Collection[int]) -> Iterator[tuple[int, str]]:
        """(look, party) of every party that looks so."""
        return self._chunked("select look, party from parties where look in ({})", sorted(looks))

    def find(self, digest: bytes) -> int | None:
        """Number of the look with this digest."""
        row = self.conn.execute("select id from looks where digest=?", (digest,)).fetchone()
        return row[0] if row else None

    def add_look(self, digest: bytes, look: str) -> int:
        """A new look; its keys follow with `add_keys`."""
        return int(self.conn.execute("insert into looks (digest, look, keys) values (?, ?, x'')", (digest, look)).lastrowid or 0)

    def set_party(self, party: str, look: int | None) -> None:
        """Which look a party has; None = the party is gone."""
        if look is None:
            self.conn.execute("delete from parties where party=?", (party,))
        else:
            self.conn.execute("insert or replace into parties values (?, ?)", (party, look))

    def join_chains(self, chains: Iterable[tuple[int, str]]) -> None:
        """(look, chain of shops that it belongs to)."""
        self.conn.executemany("insert or replace into chains values (?, ?)", list(chains))

    def leave_chain(self, look: int) -> None:
        """A look that is no more."""
        self.conn.execute("delete from chains where look=?", (look,))

    def chains_of(self, looks: Collection[int]) -> dict[int, str]:
        """Look -> chain, for those that belong to one."""
        return dict(self._chunked("select look, chain from chains where look in ({})", sorted(looks)))

    def in_chains(self, chains: Collection[str]) -> set[int]:
        """Looks of chains."""
        return {look for (look,) in self._chunked("select look from chains where chain in ({})", sorted(chains))}

    def orphans(self, looks: Iterable[int]) -> list[int]:
        """Which of these looks no party has any more."""
        sql = "select 1 from parties where look=? limit 1"
        return [look for look in looks if not self.conn.execute(sql, (look,)).fetchone()]

    def load(self, looks: Collection[int]) -> dict[int, str]:
        """Looks as they were added."""
        return dict(self._chunked("select id, look from looks where id in ({})", sorted(looks)))

    def add_keys(self, keys: Mapping[int, Sequence[int]]) -> None:
        """Put looks under their keys (64-bit hashes); sorted, because a tree takes its entries faster in order."""
        for part in batched(keys.items(), BULK):
            self.conn.executemany("update looks set keys=? where id=?", [(array("q", own).tobytes(), look) for look, own in part])
            self.conn.executemany("insert or ignore into keys values (?, ?)", sorted((key, look) for look, own in part for key in own))
            self._count(Counter(key for _, own in part for key in own))

    def drop_look(self, look: int) -> None:
        """Take a look out, with its keys and pairs."""
        row = self.conn.execute("select keys from looks where id=?", (look,)).fetchone()
        keys = array("q", row[0] if row else b"")
        self.conn.executemany("delete from keys where k=? and id=?", [(key, look) for key in keys])
        self._count(dict.fromkeys(keys, -1))
        self.conn.execute("delete from edges where a=? or b=?", (look, look))
        self.conn.execute("delete from looks where id=?", (look,))

    def _count(self, keys: Mapping[int, int]) -> None:
        sql = "insert into counts values (?, ?) on conflict (k) do update set n = n + excluded.n"
        self.conn.executemany(sql, sorted(keys.items()))

    def count(self, key: int) -> int:
        """How many looks have a key."""
        row = self.conn.execute("select n from counts where k=?", (key,)).fetchone()
        return row[0] if row else 0

    def counts(self, keys: Collection[int]) -> dict[int, int]:
        """Key -> how many looks have it, 0 where none has."""
        return dict.fromkeys(keys, 0) | dict(self._chunked("select k, n from counts where k in ({})", sorted(keys)))

    def buckets(self, keys: Collection[int]) -> dict[int, list[int]]:
        """Key -> looks that have it."""
        found: dict[int, list[int]] = {}
        for key, look in self._chunked("select k, id from keys where k in ({})", sorted(keys)):
            found.setdefault(key, []).append(look)
        return found

    def bucket(self, key: int) -> list[int]:
        """Looks that have a key."""
        return [look for (look,) in self.conn.execute("select id from keys where k=?", (key,))]

    def add_words(self, words: Mapping[str, int]) -> None:
        """Count in how many more names words stand; a negative number takes names out."""
        sql = "insert into words values (?, ?) on conflict (word) do update set n = n + excluded.n"
        self.conn.executemany(sql, sorted(words.items()))

    def word(self, word: str) -> int:
        """In how many names a word stands."""
        row = self.conn.execute("select n from words where word=?", (word,)).fetchone()
        return row[0] if row else 0

    def words(self, words: Collection[str]) -> dict[str, int]:
        """Word -> in how many names it stands, 0 where in none."""
        return dict.fromkeys(words, 0) | dict(self._chunked("select word, n from words where word in ({})", sorted(words)))

    def add_edges(self, edges: Iterable[tuple[int, int, float]]) -> None:
        """Scored pairs, the smaller number first."""
        self.conn.executemany("insert or replace into edges values (?, ?, ?)", edges)

    def edges(self, looks: Collection[int]) -> dict[tuple[int, int], float]:
        """Pairs both of which are among these looks."""
        inside = set(looks)
        found = self._chunked("select a, b, odds from edges where a in ({})", sorted(inside))
        return {(a, b): odds for a, b, odds in found if b in inside}

    def edges_of(self, looks: Collection[int]) -> dict[tuple[int, int], float]:
        """Pairs one of which is among these looks."""
        found = [*self._chunked("select a, b, odds from edges where a in ({})", sorted(looks))]
        found += self._chunked("select a, b, odds from edges where b in ({})", sorted(looks))
        return {(a, b): odds for a, b, odds in found}

    def partners(self, looks: Collection[int], above: float) -> set[int]:
        """Looks that a pair above these log-odds ties to one of these."""
        sql = "select {} from edges where {} in ({{}}) and odds > " + repr(above)
        found = {other for (other,) in self._chunked(sql.format("b", "a"), sorted(looks))}
        return found | {other for (other,) in self._chunked(sql.format("a", "b"), sorted(looks))}

    def _chunked(self, sql: str, values: Sequence[int | str]) -> Iterator[tuple]:  # type: ignore[type-arg]
        for part in batched(values, CHUNK):
            yield from self.conn.execute(sql.format(",".join("?" * len(part))), part)


def _open(path: Path | None) -> "sqlite3.Connection":
    """A connection with the tables; a file that is no database is replaced: it is only a cache."""
    try:
        return _tuned(path)
    except sqlite3.DatabaseError:
        if path is None:
            raise
        forget_identity(path)
        return _tuned(path)


def _tuned(path: Path | None) -> "sqlite3.Connection":
    conn = sqlite3.connect(path or ":memory:", timeout=30)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", f"cache_size=-{CACHE_KB}"):
        conn.execute(f"PRAGMA {pragma}").fetchall()
    conn.executescript(TABLES)
    return conn


def forget_identity(path: Path) -> None:
    """Throw the cache away, for instance because somebody in it asked to be forgotten."""
    for tail in ("", "-wal", "-shm"):
        Path(f"{path}{tail}").unlink(missing_ok=True)
