"""What the workspace shows of a market beyond its figures: the sections of the printed page."""

import sqlite_utils

from market_db.brief import Brief
from market_db.home import Home
from market_db.products import load_products
from scripts.market_brief import about_of, brief_of
from scripts.said import said_of
from scripts.words import Language, words_in


def market_brief(home: Home, db: sqlite_utils.Database, product: str, country: str, language: Language) -> Brief:
    """As `tembus brief`. Raises KeyError for an unknown product type."""
    kind = load_products()[product]
    return brief_of(said_of(home, db, kind, country, words_in(language, home.config.timezone)), about_of(db, kind))
