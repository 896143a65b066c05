"""Sources that were looked at and are not read: the register lists them too, with the reason, so that nobody looks twice."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("not_read.toml")
STATES = ("needs_key", "unverified", "closed", "covered")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRead:
    """One of them."""

    name: str
    title: str
    state: str
    """One of STATES."""
    home: str
    """Its front page; empty where there are several."""
    why: Mapping[str, str]
    """Language -> why, and what to do instead."""


@cache
def not_read() -> tuple[NotRead, ...]:
    """All of them, in the order of the file. Raises KeyError where a row lacks a key."""
    rows = tomllib.loads(FILE.read_text("utf-8"))["source"]
    return tuple(
        NotRead(name=row["name"], title=row["title"], state=row["state"], home=row["home"], why={"id": row["why_id"], "en": row["why_en"]})
        for row in rows
    )
