"""Which language a text is in: what the page says and the script decide; statistics only on texts long enough for them."""

from dataclasses import replace

from market_db.seen import Listing, Notice, Seen
from market_db.values.languages import read_language
from pipelines.context import Context

TEXT_LIMIT = 600
"""Characters shown to the detector: more changes nothing but the time."""


def detect_language(record: Seen, context: Context) -> Seen:
    """A listing or notice with its language, or None; the same text gives the same answer every time."""
    if not isinstance(record, Listing | Notice) or record.language:
        return record
    hint = context.hint(record.source)
    name = record.name if isinstance(record, Listing) else record.title
    text = f"{name}. {record.description or ''}"[:TEXT_LIMIT]
    declared = record.language_text or hint.language
    return replace(record, language=read_language(text, declared=declared, country=record.country or hint.country))
