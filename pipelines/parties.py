"""Putting parties back into the record they came from, whichever kind it is."""

from dataclasses import replace

from market_db.seen import Listing, Notice, Party, Place, Registration, Seen


def with_parties(record: Seen, parties: tuple[Party, ...]) -> Seen:
    """The record with other parties, in the order of `market_db.seen.parties_of`; a listing may lose its seller."""
    match record:
        case Listing():
            return replace(record, seller=parties[0] if parties else None)
        case Notice():
            return replace(record, parties=parties)
        case Registration() | Place():
            return replace(record, party=parties[0])
        case _:
            return record
