"""What could not be taken over from a filled workbook; apart from its reader, so that whoever keeps it need not load Excel's formats."""

from dataclasses import dataclass

from market_db.workbook.words import Language, words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that was not taken over."""

    kind: str
    """Of a cell or row: no_lead, twice, status, date, verdict, formula.
    Of the whole file: not_a_workbook, empty, locked, old_format, not_ours, too_big, too_slow."""
    row: int = 0
    column: str = ""
    """Key of the column."""
    value: str = ""
    """What stood there, at most 200 characters."""

    def say(self, language: Language) -> str:
        """The problem for people, in `id` or `en`."""
        words = words_of(language)
        column = words.label("columns", self.column) if self.column else ""
        return words.say("read_back", self.kind, row=self.row, column=column, value=self.value)
