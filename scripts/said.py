"""A market with what it takes to put it into words: the reader's language and day, and what sources are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from market_db.market_picture import MarketPicture
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
        """(UN Comtrade, 2025)."""
        named = ", ".join(self.titles.get(name, name) for name in source.split(", ") if name)
        if named == "assumptions":
            named = self.words.say("market.assumption")
        parts = [part for part in (plain(named, 120), plain(period, 24)) if part]
        return f" ({', '.join(parts)})" if parts else ""
