"""A market with what it takes to put it into words: the reader's language and day, and what sources are called."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import sqlite_utils

from market_db.forgetting.allowed import allowed_notices, allowed_rows
from market_db.home import Home
from market_db.markets.picture import MarketPicture, market_picture
from market_db.products import ProductType
from market_db.queries import sources
from scripts.screen import plain
from scripts.words import Words


@dataclass(frozen=True, slots=True)
class Said:
    """A picture with what it takes to put it into words."""

    picture: MarketPicture
    words: Words
    titles: Mapping[str, str]
    """Name of a source -> title."""
    today: date

    def by(self, source: str, period: str = "") -> str:
        """(UN Comtrade, 2025), or with the day: (Toko Contoh, 20 Nov 2026)."""
        named = ", ".join(self.titles.get(name) or self.words.source(name) for name in source.split(", ") if name)
        if named == "assumptions":
            named = self.words.say("market.assumption")
        parts = [part for part in (plain(named, 120), plain(self.words.period(period), 40)) if part]
        return f" ({', '.join(parts)})" if parts else ""


def said_of(home: Home, db: sqlite_utils.Database, product: ProductType, country: str, words: Words) -> Said:
    """The picture of a product in a country (ISO2) as a reader of today may see it: nobody who asked to be left alone is in it."""
    today = date.today()  # noqa: DTZ011 - the reader's day
    picture = market_picture(db, product, country, today=today, folder=home.root)
    picture = replace(
        picture,
        leads=tuple(allowed_rows(home, picture.leads)),
        notices=tuple(allowed_notices(home, picture.notices)),
        awards=tuple(allowed_notices(home, picture.awards)),
    )
    return Said(picture, words, {card.name: words.source(card.title) for card in sources(db)}, today)
