"""Reasons to refuse a record, one class each: the class name is the reason people and counters see.

Rejection
├── NoKey              nothing stable to name the record by
├── NoName             neither product nor firm has a name
├── BadUrl             no page a person can open
├── NotACompany        the name cannot be a firm's
├── Inactive           its register says the firm is bankrupt or being wound up
├── NaturalPerson      a sole trader under their own name
├── OtherProduct       about other goods
├── Suppressed         somebody asked to be left alone
├── FutureDate         speaks of a day that has not come
├── ImplausibleNumber  a number no market has
└── Aggregate          a group of countries where one was expected
"""

from market_db.values.emails import addresses_in


class Rejection(Exception):
    """Raised by steps; the message is an example without personal data, at most 200 characters."""

    def __init__(self, example: str = "") -> None:
        super().__init__(_without_addresses(example[:200]))

    @property
    def reason(self) -> str:
        """Name of the class, as it is counted."""
        return type(self).__name__


def _without_addresses(text: str) -> str:
    """The example as it is kept for people to read: nobody's mail address."""
    pieces, at = [], 0
    for start, end, _ in sorted(addresses_in(text)):
        pieces += [text[at:start], "[...]"] if start >= at else []
        at = max(at, end)
    return "".join((*pieces, text[at:]))


class NoKey(Rejection):
    """From `check`: the source's key is empty, unprintable or the source is not stamped."""


class NoName(Rejection):
    """From `check`: no name, or one that stands for none."""


class BadUrl(Rejection):
    """From `check`: not http(s), too long, or unprintable."""


class NotACompany(Rejection):
    """From `check`: a firm's name without a letter."""


class Inactive(Rejection):
    """From `check`: the register says the firm is bankrupt, dissolving or dissolved; nobody there buys."""


class NaturalPerson(Rejection):
    """From `keep_business_contacts`: the register marks the firm as a person."""


class OtherProduct(Rejection):
    """From `keep_relevant`: none of the product types fits."""


class Suppressed(Rejection):
    """From `keep_business_contacts`: company or domain is on the do-not-contact list."""


class FutureDate(Rejection):
    """From `clean`: later than the day of the run and the zones allow."""


class ImplausibleNumber(Rejection):
    """From `check`: negative, not finite, or beyond any market."""


class Aggregate(Rejection):
    """From `check`: the reporter of a trade flow is a group of countries."""
