"""Whether a notice can still be answered depends on its source's word, its kind and the day."""

from datetime import date

import pytest

from market_db.markets.notices import STATES, NoticeFacts

TODAY = date(2026, 11, 25)


def facts(**more: object) -> NoticeFacts:
    none = dict.fromkeys(("published", "deadline", "status", "value", "value_text", "currency", "country", "product", "evidence_id"))
    return NoticeFacts(
        **{**none, "record_id": "r", "kind": "tender", "title": "Sauces", "url": "https://t.example/1", "source": "ted", **more}
    )


@pytest.mark.parametrize(
    ("more", "state"),
    [
        *[({}, "unknown"), ({"status": "open"}, "open"), ({"status": "closed"}, "closed"), ({"status": "planned"}, "planned")],
        *[
            ({"deadline": "2026-11-25"}, "open"),
            ({"deadline": "2026-11-24T23:59:00+00:00"}, "closed"),
            ({"deadline": "2026-12-01"}, "open"),
        ],
        *[({"status": "open", "deadline": "2026-11-01"}, "closed"), ({"status": "closed", "deadline": "2026-12-01"}, "closed")],
        *[({"status": "planned", "deadline": "2026-12-01"}, "planned"), ({"status": "planned", "deadline": "2026-11-01"}, "closed")],
        *[({"status": "cancelled", "deadline": "2026-12-01"}, "cancelled"), ({"status": "unsuccessful"}, "unsuccessful")],
        *[({"kind": "award"}, "awarded"), ({"kind": "award", "deadline": "2026-12-01"}, "awarded")],
        *[({"kind": "award", "status": "cancelled"}, "cancelled"), ({"status": "hibernating"}, "unknown")],
    ],
)
def test_state_on_a_day(more: dict, state: str) -> None:
    assert facts(**more).state(TODAY) == state
    assert state in STATES
