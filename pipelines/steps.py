"""The way of one record, in the order it is walked: plain functions, the same for a live crawl, a replay and a re-run offline."""

from collections.abc import Callable, Iterable, Iterator

from market_db.seen import Listing, Notice, Observation, Place, Refusal, Registration, Seen, TradeFlow
from pipelines.checking import check
from pipelines.cleaning import clean
from pipelines.contacts import keep_business_contacts
from pipelines.context import Context
from pipelines.language import detect_language
from pipelines.placing import read_place
from pipelines.pricing import read_price_of
from pipelines.rejections import Rejection
from pipelines.relevance import keep_relevant
from pipelines.roles import name_role

Step = Callable[[Seen, Context], Seen]
"""Takes a record and gives one back, or raises a Rejection."""

STEPS: dict[type, tuple[Step, ...]] = {
    Listing: (check, clean, read_place, read_price_of, detect_language, keep_relevant, name_role, keep_business_contacts),
    Notice: (check, clean, read_place, read_price_of, detect_language, keep_relevant, name_role, keep_business_contacts),
    Registration: (check, clean, read_place, keep_relevant, name_role, keep_business_contacts),
    Place: (check, clean, read_place, keep_relevant, name_role, keep_business_contacts),
    TradeFlow: (check, clean),
    Observation: (check, clean),
    Refusal: (check, clean, keep_relevant, keep_business_contacts),
}
"""Record type -> steps in order; storing is the adapter's."""


def run_steps(record: Seen, context: Context) -> Seen:
    """The record after all its steps.

    Raises a Rejection, whose class is the reason.
    """
    for step in STEPS[type(record)]:
        record = step(record, context)
    return record


def steps_over(records: Iterable[Seen], context: Context) -> Iterator[Seen | Rejection]:
    """Each record after its steps, or why it was refused; nothing is left out."""
    for record in records:
        try:
            yield run_steps(record, context)
        except Rejection as refused:
            yield refused
