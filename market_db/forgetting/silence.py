"""Takes what stands on the do-not-contact list out of free text: addresses, numbers, sites and names, however they are written."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Protocol

from market_db.reference import words
from market_db.values.emails import addresses_in
from market_db.values.names import legal_form
from market_db.values.phones import read_phones
from market_db.values.places import read_country
from market_db.values.spellings import START, WORD, company_key, is_unspaced, letters_of, name_pattern, name_words, narrow
from market_db.values.text import plain

REMOVED = "[removed]"
LONGEST = 8
"""Words of a name that is looked for by its hash."""
LONGEST_UNSPACED = 20
"""Letters of such a name in a script without spaces."""
FORM_WORDS = 4
REPEATED, MOST_KNOWN = 120, 50_000
"""Texts up to this length (brands, categories, towns) are looked through once; how many are remembered."""
_SITE = re.compile(r"(?i)(?<![\w@.-])(?:https?://)?(?:[^\W_][\w-]{0,62}\.){1,6}[^\W\d_]{2,24}(?![\w@-])(?:[/?#:][^\s<>\"'|)\]]*)?")
_NUMBERS = re.compile(r"(?<![\w])(?:\+|\(\+)?[(\[]?\d(?:[\d\s().\-\[\]/·–‑+]|\u00a0){4,60}\d(?!\w)")
_GROUP = re.compile(r"\+?\d+")


class Listed(Protocol):
    """Who asked to be left alone; `market_db.desk.store.Suppressed` is one."""

    def covers(self, kind: str, value: str) -> bool:
        """Whether an email, phone, website, domain, company or key of words is on the list."""
        ...


Span = tuple[int, int]


@lru_cache(maxsize=4_096)
def is_plain(word: str, generic: frozenset[str]) -> bool:
    """Whether a folded word names a trade, a place or a legal form rather than one firm."""
    return word in generic or word in words("legal_forms", "and_words") or legal_form(f"Qqqq, {word}") is not None or _is_country(word)


def _is_country(word: str) -> bool:
    return read_country(word) is not None


def strength(name: str, generic: frozenset[str] = frozenset()) -> str:
    """How far a name may be looked for without hitting others.

    "anywhere" between words; "capitals": two or three letters, only as printed in capitals or with a digit; "whole": a name of common
    words or a single letter, only as a whole field or with its legal form.
    """
    parts, key = name_words(name), company_key(name)
    if len(key) < 2 or all(is_plain(part, generic) for part in parts):
        return "whole"
    return "capitals" if len(key) < 4 and key.isascii() else "anywhere"


def patterns_of(names: Iterable[str], generic: frozenset[str] = frozenset()) -> list[re.Pattern[str]]:
    """Patterns that find names in running text, each as far as its `strength` allows."""
    found = []
    for name in dict.fromkeys(names):
        how = strength(name, generic)
        if how == "anywhere":
            found.append(re.compile(name_pattern(name), re.IGNORECASE))
        if how == "capitals":
            found.append(re.compile(capitals_pattern(name)))
        if how != "anywhere" and legal_form(name) is not None:
            found.append(re.compile(name_pattern(name, whole=True), re.IGNORECASE))
    return found


def capitals_pattern(name: str) -> str:
    """A short name as it is printed when it is meant: "AH", "3M"."""
    return rf"(?<![^\W_]){re.escape(company_key(name).upper())}(?![^\W_])"


class Silence:
    """Cuts what is listed out of texts.

    Names are looked for by the patterns of `names` (those known in the clear) and, with `by_hash`, by the hashes of all runs of words.
    """

    def __init__(self, listed: Listed, *, names: Iterable[str] = (), by_hash: bool = True, generic: frozenset[str] = frozenset()) -> None:
        names = tuple(names)
        has: Callable[[str], bool] = getattr(listed, "lists", bool)
        self.listed, self.generic = listed, generic
        self.patterns = patterns_of(names, generic)
        self.whole = {company_key(name) for name in names} - {""}
        self.hints = {max(map(letters_of, name_words(name)), key=len, default="") for name in names}
        self.by_hash = by_hash and has("company")
        self.starts: dict[str, bool] = {}
        self.known: dict[tuple[str, str | None, bool], str] = {}
        self.mails, self.sites, self.phones = has("email") or has("domain"), has("domain"), has("phone")

    def __call__(self, text: str, country: str | None = None) -> str:
        """The text with a mark in place of what is listed; the same object where nothing is. `country` reads national numbers."""
        return self.cut(text, country=country, names=True)

    def cut(self, text: str, *, country: str | None = None, names: bool) -> str:
        """As the call; without `names` only addresses, numbers and sites go: a firm's name may hold another's."""
        if len(text) > REPEATED:
            return self._cut(text, country, names)
        key = (text, country, names)
        if key not in self.known:
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            self.known[key] = self._cut(text, country, names)
        return self.known[key]

    def _cut(self, text: str, country: str | None, names: bool) -> str:
        names = names and self._may_name(narrow(text))
        if names and self._is_listed_name(text):
            return REMOVED
        spans = sorted({*self._contacts(narrow(text), country), *(self._names(narrow(text)) if names else ())})
        return _without(text, spans) if spans else text

    def _may_name(self, text: str) -> bool:
        """Whether a known name can stand in the text: one word of it is there. By hash, any name may."""
        if self.by_hash or not self.hints:
            return self.by_hash
        together = letters_of(" ".join(map(_folded, WORD.findall(text if text.isascii() else unicodedata.normalize("NFC", text)))))
        return any(hint in together for hint in self.hints)

    def _is_listed_name(self, text: str) -> bool:
        if len(text) > 300:
            return False
        key = company_key(text)
        return bool(key) and (key in self.whole or (self.by_hash and self.listed.covers("company", text)))

    def _contacts(self, text: str, country: str | None) -> Iterator[Span]:
        if self.mails:
            yield from ((start, end) for start, end, address in addresses_in(text) if self.listed.covers("email", address))
        if self.sites and "." in text:
            yield from self._listed_sites(text)
        if self.phones:
            for found in _NUMBERS.finditer(text):
                yield from self._numbers(found, country)

    def _listed_sites(self, text: str) -> Iterator[Span]:
        for found in _SITE.finditer(text):
            shown = found.group().rstrip(".,;:!?-_*")
            if self.listed.covers("domain", shown):
                yield found.start(), found.start() + len(shown)

    def _numbers(self, found: re.Match[str], country: str | None) -> Iterator[Span]:
        """Runs of digits within a longer run ("since 2019 020 123 4567") that make a listed number."""
        groups = [(group.start(), group.end()) for group in _GROUP.finditer(found.group())]
        for first, (start, _) in enumerate(groups):
            for _, end in reversed(groups[first : first + 10]):
                shown = found.group()[start:end]
                if 6 <= sum(map(str.isdigit, shown)) <= 17 and self._covers_number(shown, country):
                    yield found.start() + start, found.start() + end
                    break

    def _may_be_number(self, shown: str) -> bool:
        """Whether a number can be listed at all: most runs of digits in a page are figures, and `covers` reads each as a number first."""
        may_dial: Callable[[str], bool] | None = getattr(self.listed, "may_dial", None)
        digits = "".join(filter(str.isdigit, shown))
        if may_dial is None or "+" in shown or digits.startswith("00") or not shown.isascii():
            return True
        return may_dial(digits)

    def _covers_number(self, shown: str, country: str | None) -> bool:
        if not country and not self._may_be_number(shown):
            return False
        # a number within the run is found when its own groups are looked at: the year before it stays
        digits = sum(map(str.isdigit, shown))
        numbers = [n for n in read_phones(shown, country=country) if sum(map(str.isdigit, n.raw)) == digits] if country else ()
        return self.listed.covers("phone", shown) or any(self.listed.covers("phone", number.e164) for number in numbers if number.e164)

    def _names(self, text: str) -> Iterator[Span]:
        for pattern in self.patterns:
            yield from (found.span() for found in pattern.finditer(text))
        if self.by_hash:
            yield from self._runs(text)

    def _runs(self, text: str) -> Iterator[Span]:
        """Runs of words whose key is listed; the longest at each place."""
        ands = words("legal_forms", "and_words")
        parts = [(start, end, word) for start, end in _words_in(text) if (word := _folded(text[start:end])) not in ands]
        past = 0
        for at in range(len(parts)):
            if at < past or not self._may_start("".join([word for _, _, word in parts[at : at + LONGEST]])):
                continue
            longest = LONGEST if parts[at][2].isascii() else LONGEST_UNSPACED
            for last in range(min(at + longest, len(parts)), at, -1):
                if self._is_run(text, parts[at:last]):
                    yield parts[at][0], parts[last - 1][1]
                    past = last
                    break

    def _may_start(self, together: str) -> bool:
        """Whether any listed name begins so: one look in place of one for each run."""
        start = letters_of(together[:12])[:START]
        for part in (start, start[:2]):
            if part not in self.starts:
                self.starts[part] = self.listed.covers("start", part)
        return self.starts[start] or self.starts[start[:2]]

    def _is_run(self, text: str, run: list[tuple[int, int, str]]) -> bool:
        key = letters_of("".join([word for _, _, word in run]))
        if not 2 <= len(key) <= 120 or (len(run) > 1 and len(key) < 6 and key.isascii()) or not self.listed.covers("words", key):
            return False
        start, end = run[0][0], run[-1][1]
        if all(is_plain(word, self.generic) for _, _, word in run):
            return _has_form_behind(text, start, end)
        shown = text[start:end]
        loud = shown.isupper() or any(char.isdigit() for char in shown)
        return len(key) >= 4 or not key.isascii() or loud or _has_form_behind(text, start, end)


def _words_in(text: str) -> Iterator[Span]:
    """Places of the words; where no spaces part them, of each letter."""
    for found in WORD.finditer(text):
        start, end = found.span()
        if found.group().isascii() or not any(map(is_unspaced, found.group())):
            yield start, end
        else:
            yield from ((at, at + 1) for at in range(start, end))


def _has_form_behind(text: str, start: int, end: int) -> bool:
    """Whether the name goes on with a legal form ("AH B.V.")."""
    behind = text[end : end + 30].split()[:FORM_WORDS]
    name = text[start:end]
    return any(
        legal_form(f"{name} {' '.join(behind[:n])}") is not None and company_key(f"{name} {' '.join(behind[:n])}") == company_key(name)
        for n in range(1, len(behind) + 1)
    )


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    return word.casefold() if word.isascii() else plain(word)


def _without(text: str, spans: list[Span]) -> str:
    """The text with each span, or several that overlap, replaced by one mark."""
    pieces, at = [], 0
    for start, end in spans:
        if start >= at:
            pieces += [text[at:start], REMOVED]
        at = max(at, end)
    return "".join((*pieces, text[at:]))
