"""What every comparison asks of a look, worked out once: a look is compared with some twenty others."""

from functools import lru_cache
from zlib import crc32

from pipelines.companies.index import Counts
from pipelines.companies.looks import Look

BITS = 2048
"""Places for the three-letter pieces of a name; two pieces seldom share one (some twenty are taken)."""

Tokens = tuple[frozenset[str], frozenset[str]]
"""Words and numbers of a street address, and the numbers alone."""


class Profile:
    """A look with its words as a set, its letters as bits, and without contacts that very many share."""

    __slots__ = ("_streets", "address", "bits", "domain", "letters", "look", "phones", "stem", "total", "words")

    def __init__(self, look: Look, counts: Counts) -> None:
        weight = counts.weight
        self.look = look
        self.words = frozenset(look.words)
        self.total = sum([weight(word) for word in dict.fromkeys(look.words)])
        """Weight of its words."""
        self.letters = letters_of(look.flat)
        self.bits = self.letters.bit_count()
        self.phones = tuple(phone for phone in look.phones if not counts.crowded(f"phone|{phone}"))
        """Numbers of its own: one that very many share (a call centre) is no number of a firm."""
        self.domain = look.domain if look.domain and not counts.crowded(f"domain|{look.domain}") else ""
        """A domain that very many share (a market place) is no domain of a firm."""
        crowded = look.address and counts.crowded(f"address|{look.country}|{look.address}")
        self.address = "" if crowded else look.address
        """Where very many sit (an office centre), the address is no address of a firm."""
        stem = look.domain.partition(".")[0].replace("-", "")
        self.stem = stem[:8] if len(stem) > 3 else ""
        """Beginning of the domain, as a name would begin; "" where it is too short to tell."""
        self._streets: Tokens | None = None

    @property
    def streets(self) -> Tokens:
        """Tokens of the street address, and those that are numbers."""
        if self._streets is None:
            self._streets = tokens_of(self.address)
        return self._streets


def tokens_of(address: str) -> Tokens:
    """Tokens of a street address as `looks.street` gives it, and those that are numbers."""
    tokens = frozenset(address.split())
    return tokens, frozenset(filter(str.isdigit, tokens))


def letters_of(text: str) -> int:
    """The three-letter pieces of a text, its edges included, as bits of one number: two texts are compared by one "and"."""
    framed = f"^{text}$"
    found = 0
    for at in range(len(framed) - 2):
        found |= _bit(framed[at : at + 3])
    return found


@lru_cache(maxsize=30_000)
def _bit(piece: str) -> int:
    return 1 << (crc32(piece.encode("utf-8", "surrogatepass")) % BITS)


def letters_alike(a: Profile, b: Profile) -> float:
    """Share of three-letter pieces that two names have in common, 0..1."""
    return 2 * (a.letters & b.letters).bit_count() / (a.bits + b.bits) if a.bits and b.bits else 0.0
