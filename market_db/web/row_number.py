"""The number of a row in an address: short enough that no database and no `int()` stumbles over it."""

from starlette.convertors import Convertor, register_url_convertor

DIGITS = 18
"""Every number of so many digits fits into the 64 bits of SQLite; an address with more has no page."""


class RowNumber(Convertor[int]):
    """`{number:row}` in an address."""

    regex = f"[0-9]{{1,{DIGITS}}}"

    def convert(self, value: str) -> int:
        """The number that was matched."""
        return int(value)

    def to_string(self, value: int) -> str:
        """The number as it stands in an address."""
        return str(value)


def make_known() -> None:
    """Have the routes know `row`; twice is harmless."""
    register_url_convertor("row", RowNumber())
