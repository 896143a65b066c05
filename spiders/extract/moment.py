"""When an answer was written: what "2 days ago" on its pages counts from."""

from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime

from spiders.reading import Answer


def moment_of(answer: Answer, as_of: date) -> datetime:
    """When an answer was written (UTC): its Date header (RFC 9110, 6.6.1), else the end of the day of the run.

    A recording keeps the header, so a replay years later reads the same days.
    """
    try:
        said = parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        said = None
    return said if said is not None and said.year > 1990 else datetime.combine(as_of, time(23, 59), UTC)
