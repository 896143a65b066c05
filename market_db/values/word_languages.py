"""How likely a short text is in each language, by how common its words are there: the only statistics that work on five words.

Word frequencies: wordfreq 3.1 (its small lists, data CC BY-SA 4.0; Speer 2022). Measured on 2,500 product names in 22 languages
(labels of the crowd, many wrong): right .55, lingua (high accuracy) .50, langdetect .31.
"""

import math
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import islice

from wordfreq import available_languages, get_frequency_list

WORDS = 25_000
"""Most common words kept of each language; twice as many change nothing, half cost three points."""
RARE = math.log(1e-7)
"""What a word costs in a language whose list does not have it: rarer than the last one there."""
MOST = 4.0
"""Nats that one word may speak against a language: "sambal" alone makes no Dutch page Malay."""
LISTS = {"hr": "sh", "tl": "fil"}
"""Our code -> code of the list, where they differ."""
COMPOUNDING = frozenset({"en", "nl", "de", "sv", "nb", "da", "fi", "hu"})
"""Languages that write two nouns as one word, and English: "roadhouse" is no German one."""
SHORTEST, LONGEST = 4, 24
"""Letters of a part, and of the longest word that is taken apart."""
LINKS = ("s", "n", "en", "es", "er")
"""What may stand between the parts."""
BORROWING = frozenset({"id", "ms", "tl"})
"""Languages whose lists come from web pages that mix in English."""
LENT = 2.0
"""Nats by which an English word is at least rarer in them."""
SPOKEN = frozenset(available_languages("small")) | {"hr", "tl"}
"""Languages with a list."""
_WORD = re.compile(r"[^\W\d_]{2,}(?:['’][^\W\d_]+)?")
_MASK = (1 << 64) - 1


class _Lists:
    """Words of several languages as sorted hashes: seven bytes a word instead of a hundred and fifty."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = tuple(languages)
        rows = sorted((key, number, cost) for number, code in enumerate(languages) for key, cost in _words_of(code))
        self.keys = array("Q", (row[0] for row in rows))
        self.numbers = array("B", (row[1] for row in rows))
        self.costs = array("f", (row[2] for row in rows))

    def costs_of(self, word: str) -> Mapping[str, float]:
        """Language -> log frequency of a word, where its list has it."""
        key = hash(word) & _MASK
        found: dict[str, float] = {}
        at = bisect_left(self.keys, key)
        while at < len(self.keys) and self.keys[at] == key:
            found[self.languages[self.numbers[at]]] = self.costs[at]
            at += 1
        return found

    def costs_of_compound(self, word: str) -> Mapping[str, float]:
        """Languages in which an unknown word is two known ones in one ("tomatensuppe"): as rare as the rarer of them."""
        found: dict[str, float] = {}
        for at in range(SHORTEST, len(word) - SHORTEST + 1) if len(word) <= LONGEST else ():
            behind = self.costs_of(word[at:])
            for code in COMPOUNDING & behind.keys():
                rarer = min(self._before(word[:at], code), behind[code])
                if rarer > RARE:
                    found[code] = max(found.get(code, RARE), rarer)
        return found

    def _before(self, part: str, code: str) -> float:
        """Log frequency of the first part, with or without what links it to the second."""
        bare = [part, *(part[: -len(link)] for link in LINKS if part.endswith(link))]
        return max((self.costs_of(word).get(code, RARE) for word in bare if len(word) >= SHORTEST), default=RARE)


def _words_of(code: str) -> Iterable[tuple[int, float]]:
    """Hash and log frequency of the most common words; the library's own cache is emptied, it is large."""
    bins = get_frequency_list(LISTS.get(code, code), "small")
    get_frequency_list.cache_clear()
    words = ((word, number) for number, words in enumerate(bins) for word in words)
    for word, centibel in islice(words, WORDS):
        yield hash(word) & _MASK, -centibel * math.log(10) / 100


@cache
def _lists(languages: tuple[str, ...]) -> _Lists:
    return _Lists(languages)


def word_scores(shown: str, languages: Sequence[str], group: Sequence[str]) -> tuple[dict[str, float], dict[str, int]]:
    """Log likelihood of a folded text in each of `languages` that has a list, the best at 0, and how many of its words each knows.

    `group` are all languages of the script: their lists are loaded together, once a process.
    """
    lists = _lists(tuple(sorted(code for code in group if code in SPOKEN)))
    wanted = [code for code in languages if code in lists.languages]
    total, known = dict.fromkeys(wanted, 0.0), dict.fromkeys(wanted, 0)
    for word in sorted(set(_WORD.findall(shown))):  # sums of floats depend on their order
        costs = _own(lists.costs_of(word)) or lists.costs_of_compound(word)
        floor = max(max(costs.values(), default=RARE) - MOST, RARE)
        for code in wanted:
            total[code] += max(costs.get(code, RARE), floor)
            known[code] += len(word) > 2 and code in costs
    best = max(total.values(), default=0.0)
    return {code: score - best for code, score in total.items()}, known


def _own(costs: Mapping[str, float]) -> Mapping[str, float]:
    """The same without what languages whose lists are full of English words ("tomato" in Malay) have only borrowed."""
    english = costs.get("en")
    if english is None:
        return costs
    return {code: min(cost, english - LENT) if code in BORROWING else cost for code, cost in costs.items()}
