"""How alike two candidates are: a list of named features with weights, each with its reason in words; conflicts block."""

from collections.abc import Callable
from dataclasses import dataclass

from pipelines.companies.faces import Face
from pipelines.companies.pairs import Shared

THRESHOLD = 0.6
"""From here on two mentions are one company. Exact keys without a name that agrees stay below it."""
SEAT_NAMES = 3
"""A word that more names of a town share is a word of the trade or the place."""
COMMON_NAME_TOWNS = 3
"""A name met in this many towns of a country is common (a dish, a saint, a chain of others)."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Two faces, what they share, and how common their name is."""

    a: Face
    b: Face
    shared: tuple[Shared, ...]
    name_towns: int = 1
    """Towns in which the shared name occurs."""

    def key(self, kind: str) -> Shared | None:
        """The first shared key of a kind."""
        return next((key for key in self.shared if key.kind == kind), None)


Feature = Callable[[Compared], str | None]
"""Reason in words where the feature holds, else None."""


def same_registry(pair: Compared) -> str | None:
    """One number of one register."""
    key = pair.key("registry")
    return f"same number {key.value.replace('|', ' ')}" if key else None


def same_domain(pair: Compared) -> str | None:
    """One website domain that few others use."""
    key = pair.key("domain")
    return f"same website domain {key.value}" if key else None


def same_phone(pair: Compared) -> str | None:
    """One telephone number that few others use."""
    key = pair.key("phone")
    return f"same phone, used by {key.names} name{'s' if key.names > 1 else ''}" if key else None


def _same_name(pair: Compared) -> bool:
    return pair.key("name") is not None


def _common(pair: Compared) -> bool:
    return not pair.a.tokens or pair.name_towns >= COMMON_NAME_TOWNS


def rare_name(pair: Compared) -> str | None:
    """Equal names with two or more words of their own."""
    return f'same rare name "{pair.a.core}"' if _same_name(pair) and not _common(pair) and len(pair.a.tokens) > 1 else None


def plain_name(pair: Compared) -> str | None:
    """Equal names with one word of their own."""
    return f'same name "{pair.a.core}"' if _same_name(pair) and not _common(pair) and len(pair.a.tokens) == 1 else None


def common_name(pair: Compared) -> str | None:
    """Equal names that many firms could bear."""
    return f'same common name "{pair.a.core}"' if _same_name(pair) and _common(pair) else None


def agreeing_names(pair: Compared) -> str | None:
    """The distinctive words of the shorter name all stand in the longer one (or the names are equal without a shared country)."""
    if _same_name(pair):
        return None
    short, long = sorted((pair.a.tokens, pair.b.tokens), key=lambda tokens: (len(tokens), sorted(tokens)))
    if short and short <= long:
        return f'names share "{" ".join(sorted(short))}"'
    return f'same words "{pair.a.core}"' if pair.a.core and pair.a.core == pair.b.core else None


def same_seat(pair: Compared) -> str | None:
    """The first word of both names, which few other names in their town have."""
    key = pair.key("seat")
    return f'"{key.value.split("|")[0]}" is rare in its town' if key and key.names <= SEAT_NAMES else None


def name_in_domain(pair: Compared) -> str | None:
    """The shared domain spells a word of each name."""
    key = pair.key("domain")
    stem = key.value.split(".")[0].replace("-", "") if key else ""
    told = all(any(len(word) > 3 and word in stem for word in face.core.split()) for face in (pair.a, pair.b))
    return "both names stand in the domain" if stem and told else None


def different_names(pair: Compared) -> str | None:
    """Both have words of their own and none in common."""
    return "different names" if pair.a.tokens and pair.b.tokens and not pair.a.tokens & pair.b.tokens else None


def same_postcode(pair: Compared) -> str | None:
    """One postcode."""
    return f"same postcode {pair.a.postcode}" if pair.a.postcode and pair.a.postcode == pair.b.postcode else None


def same_city(pair: Compared) -> str | None:
    """One town."""
    return f"same town {pair.a.city}" if pair.a.city and pair.a.city == pair.b.city else None


def _towns_differ(pair: Compared) -> bool:
    return bool(pair.a.city and pair.b.city) and pair.a.city != pair.b.city


def other_city(pair: Compared) -> str | None:
    """Different towns, at least one of them a firm's seat."""
    return "different towns" if _towns_differ(pair) and not (pair.a.premises and pair.b.premises) else None


def other_premises(pair: Compared) -> str | None:
    """Two shops in different towns."""
    return "shops in different towns" if _towns_differ(pair) and pair.a.premises and pair.b.premises else None


FEATURES: tuple[tuple[float, Feature], ...] = (
    (1.0, same_registry),
    (0.55, same_domain),
    (0.5, same_phone),
    (0.8, rare_name),
    (0.6, plain_name),
    (0.3, common_name),
    (0.25, agreeing_names),
    (0.25, same_seat),
    (0.1, name_in_domain),
    (0.2, same_postcode),
    (0.1, same_city),
    (-0.15, different_names),
    (-0.25, other_city),
    (-0.45, other_premises),
)
"""Main evidence first, qualifiers after; the sum, cut to 0..1, is the score."""


def blocked(a: Face, b: Face) -> bool:
    """Whether two faces contradict each other: different countries, or different numbers of one register of firms."""
    if a.country and b.country and a.country != b.country:
        return True
    numbers = b.registry
    return any(register in numbers and numbers[register] != number for register, number in a.registry.items())


def compare(pair: Compared) -> tuple[float, tuple[str, ...]]:
    """Score 0..1 with its reasons; 0 where a conflict blocks."""
    if blocked(pair.a, pair.b):
        return 0.0, ("conflict of country or register number",)
    found = [(weight, reason) for weight, feature in FEATURES if (reason := feature(pair))]
    score = min(1.0, max(0.0, sum(weight for weight, _ in found)))
    return round(score, 3), tuple(f"{reason} ({weight:+.2f})" for weight, reason in found)
