"""Long lists of patterns asked of many texts: each is tried only where the letters that it cannot do without occur."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

_NESTED = 5
"""Levels of parentheses in a pattern."""
_ESCAPED = re.compile(r"\\.")
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
_GROUP = re.compile(r"\((?:\?(?::|<?[!=]))?[^()]*\)")
_OPEN = re.compile(r".(?:[?*+]|\{[\d,]*\})|[\^$.]")
"""A letter that may be missing or come several times, an anchor, or any letter."""
_GAP = "\x00"


class Part(NamedTuple):
    """One alternative of a pattern."""

    name: str
    letters: str
    """What all its matches have; "" where nothing is sure."""
    source: str
    flags: int
    plain: bool = False
    """Whether the letters are all there is to it."""

    @property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when it is first tried: of long lists few ever are."""
        return _compiled(self.source, self.flags)


@cache
def _compiled(source: str, flags: int) -> re.Pattern[str]:
    return re.compile(source, flags)


class Found(NamedTuple):
    """A match and the name of its pattern."""

    name: str
    match: re.Match[str]


def parts_of(pattern: str) -> Iterator[tuple[str, str]]:
    """The alternatives of a pattern, each behind the longest run of letters that all its matches have."""
    masked = pattern
    for hole in (_ESCAPED, _CLASS, *[_GROUP] * _NESTED, _OPEN):
        masked = hole.sub(lambda match: _GAP * len(match.group()), masked)
    start = 0
    for alternative in masked.split("|"):
        end = start + len(alternative)
        yield max(alternative.split(_GAP), key=len), pattern[start:end]
        start = end + 1


class Sought:
    """Patterns by name; capitals matter only with `case`."""

    def __init__(self, parts: Iterable[Part], case: bool) -> None:
        self._parts, self._case = tuple(parts), case

    @classmethod
    def of(cls, patterns: Mapping[str, Iterable[str]], before: str = "", after: str = "", *, case: bool = False) -> "Sought":
        """Read patterns, name -> its spellings; `before` and `after` stand around each."""
        flags = 0 if case else int(re.IGNORECASE)
        bare = not before and not after
        return cls(
            (
                Part(
                    name, letters if case else letters.lower(), f"{before}(?:{alternative}){after}", flags, bare and letters == alternative
                )
                for name, spellings in patterns.items()
                for spelling in spellings
                for letters, alternative in parts_of(spelling)
            ),
            case,
        )

    def narrowed(self, text: str) -> "Sought":
        """Only what may occur in a part of this text: for asking each line of a page."""
        shown = text if self._case else text.lower()
        return Sought([part for part in self._parts if part.letters in shown], self._case)

    def __bool__(self) -> bool:
        """Whether anything is sought."""
        return bool(self._parts)

    def search(self, text: str) -> Found | None:
        """The first match; of those that begin together, that of the earlier pattern."""
        shown = text if self._case or not self._parts else text.lower()
        first = None
        for part in self._parts:
            if part.letters in shown and (match := part.pattern.search(text)) and (first is None or match.start() < first.match.start()):
                first = Found(part.name, match)
        return first

    def all(self, text: str) -> list[Found]:
        """Matches in their order that do not overlap."""
        parts = self.narrowed(text)._parts
        found = [Found(part.name, match) for part in parts for match in part.pattern.finditer(text)]
        kept: list[Found] = []
        for each in sorted(found, key=lambda each: each.match.start()):
            if not kept or each.match.start() >= kept[-1].match.end():
                kept.append(each)
        return kept

    def among(self, labels: Collection[str]) -> frozenset[str]:
        """Those of many short texts (in lower case unless capitals matter) that have a match."""
        found: set[str] = set()
        for part in self.narrowed("\n".join(labels))._parts:
            had = [label for label in labels if part.letters in label]
            found.update(had if part.plain else filter(part.pattern.search, had))
        return frozenset(found)
