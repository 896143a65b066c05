"""What the workspace needs from above and may not import: archived pages, forgetting, exports."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlite_utils

from market_db.brief import Brief
from market_db.home import Home
from market_db.queries import LeadQuery, Proof
from market_db.saying import Language
from market_db.web.operations import Operations


class CannotDo(Exception):
    """Something was asked that cannot be done now; `say` is one sentence in the reader's language."""

    def __init__(self, say: str, status: int = 409) -> None:
        super().__init__(say)
        self.say, self.status = say, status


@dataclass(frozen=True, slots=True)
class ArchivedText:
    """A page as it was seen, as inert text."""

    text: str
    fetched_at: datetime
    cut: bool
    """Whether there is more than the text shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Somebody wants to be left alone."""

    kind: str
    """email, phone, domain, company."""
    value: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Handed in by `scripts/serve.py`. Each raises CannotDo with a sentence in the language it was given."""

    archived: Callable[[Home, Proof, Language], ArchivedText]
    forget: Callable[[Home, Wish, Language], int]
    """Takes it out everywhere; returns how many places changed."""
    export: Callable[[Home, LeadQuery, str, Language], Path]
    """Writes the view as xlsx, csv or json into the home's exports, with a line in the log of exports."""
    brief: Callable[[Home, sqlite_utils.Database, str, str, Language], Brief] | None = None
    """What is known of a product (key) in a country (ISO2): prices, rules, refusals, gaps; None = pages show figures and buyers only."""
    operations: Operations | None = None
    """What the operator's pages show; None = there are none."""
