"""Moments of the tables as days where people are: a night at 01:30 in Medan is still the day before in UTC."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(65_536)
def local_day(moment: str, zone: str) -> str:
    """YYYY-MM-DD in a time zone (IANA name) of an ISO 8601 moment; a bare date, which has no zone, as it is."""
    found = datetime.fromisoformat(moment)
    return moment if len(moment) <= len("YYYY-MM-DD") else (found.astimezone(ZoneInfo(zone)) if found.tzinfo else found).date().isoformat()
