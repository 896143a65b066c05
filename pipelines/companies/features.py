"""What a pair of parties shows, as named features with a few steps each; the scorecard gives every step its weight."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.companies.index import Counts
from pipelines.companies.likeness import NameLikeness, addresses_alike, compare_names
from pipelines.companies.looks import Look

UNKNOWN, OTHER, SAME = 0, 1, 2
"""Steps of what both show, or one does not."""
SHARES = (0.01, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.999)
LETTERS = (0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.999)
LEVELS = (0.3, 0.55, 0.75, 0.9, 0.99)
RARE = (0.5, 4.0, 6.0, 8.0, 10.0, 13.0, 17.0)
LEFT = (0.01, 4.0, 6.5)
NAMES = (2, 3, 5, 9)
TOWNS = (2, 3, 5, 9)
ADDRESS = (0.51, 0.8, 0.95)
NEAR = 3
"""Towns of which one name holds the other."""

FEATURES: dict[str, int] = {
    "of_less": len(SHARES) + 1,
    "of_more": len(SHARES) + 1,
    "left": (len(LEFT) + 1) ** 2,
    "letters": len(LETTERS) + 1,
    "rare": (len(RARE) + 1) * 4,
    "first_word": 4,
    "cut": 3,
    "equal_name": 4 * (len(TOWNS) + 1) + 1,
    "phone": 2 + len(NAMES) + 1,
    "domain": 2 + len(NAMES) + 1,
    "domain_countries": 4,
    "address": 2 + len(ADDRESS) + 3,
    "town": 4,
    "country": 3,
    "form": 3,
    "stem": 2,
    "script": 2,
    "source": 2,
    "name_phone": (len(LEVELS) + 1) * 3,
    "name_domain": (len(LEVELS) + 1) * 3,
    "name_address": (len(LEVELS) + 1) * 4,
    "name_town": (len(LEVELS) + 1) * 4,
    "proofs": 4 * 5,
}
"""Feature -> number of its steps, in the order of `steps_of`."""


@dataclass(frozen=True, slots=True)
class _Contacts:
    """How phone, domain, address and town of a pair stand to each other."""

    phone: int
    domain: int
    address: int
    """0 unknown, 1 other, then alike in steps of ADDRESS."""
    town: int


def steps_of(a: Look, b: Look, counts: Counts) -> tuple[int, ...]:
    """Step of each feature, in the order of FEATURES; the same whichever of the two comes first."""
    towns = _towns(a.city, b.city)
    name = compare_names(a, b, counts.weight, idle=frozenset((a.city, b.city)))
    level = bisect_right(LEVELS, max((name.of_less * name.of_more) ** 0.5, name.letters))
    found = _Contacts(_phones(a, b, counts), _domains(a, b, counts), _address(a.address, b.address), towns)
    return (
        *_name_steps(a, b, name, towns, counts),
        *_contact_steps(a, b, found, counts),
        level * 3 + found.phone,
        level * 3 + found.domain,
        level * 4 + (0 if not found.address else 1 if found.address < 3 else found.address - 1),
        level * 4 + towns,
        _proofs(found),
    )


def _name_steps(a: Look, b: Look, name: NameLikeness, towns: int, counts: Counts) -> Iterable[int]:
    less, more = name.left
    return (
        bisect_right(SHARES, name.of_less),
        bisect_right(SHARES, name.of_more),
        bisect_right(LEFT, less) * (len(LEFT) + 1) + bisect_right(LEFT, more),
        bisect_right(LETTERS, name.letters),
        bisect_right(RARE, name.shared) * 4 + towns,
        _first_word(a, b),
        2 if name.cut and a.flat != b.flat and min(len(a.flat), len(b.flat)) >= 14 else int(name.cut),
        _equal_name(a, b, towns, counts),
    )


def _equal_name(a: Look, b: Look, towns: int, counts: Counts) -> int:
    """0 = different; else by towns and in how many towns of the country this name occurs."""
    if not a.words or set(a.words) != set(b.words):
        return 0
    key = f"joined|{a.country or b.country}|{''.join(sorted(set(a.words)))}"
    return 1 + towns * (len(TOWNS) + 1) + bisect_right(TOWNS, counts.behind(key, "city"))


def _contact_steps(a: Look, b: Look, found: _Contacts, counts: Counts) -> Iterable[int]:
    return (
        _phone(a, b, found.phone, counts),
        found.domain if found.domain < SAME else SAME + bisect_right(NAMES, counts.behind(f"domain|{a.domain}", "flat")),
        0 if found.domain < SAME else 1 + bisect_right((2, 3), counts.behind(f"domain|{a.domain}", "country")),
        _crowded(a, found.address, counts),
        found.town,
        _tri(a.country, b.country),
        _tri(a.form, b.form),
        int(_stem(a.domain, b.flat) or _stem(b.domain, a.flat)),
        int(a.native != b.native),
        int(bool(a.source) and a.source == b.source),
    )


def _phone(a: Look, b: Look, step: int, counts: Counts) -> int:
    """The rarest number in common decides."""
    if step < SAME:
        return step
    return SAME + bisect_right(NAMES, min(counts.behind(f"phone|{phone}", "flat") for phone in a.phones if phone in b.phones))


def _crowded(a: Look, step: int, counts: Counts) -> int:
    """An address in common counts less where many names have it."""
    top = 1 + len(ADDRESS)
    return step if step < top else top + bisect_right((2, 4), counts.behind(f"address|{a.country}|{a.address}", "flat"))


def _tri(a: str, b: str) -> int:
    return UNKNOWN if not a or not b else SAME if a == b else OTHER


def _phones(a: Look, b: Look, counts: Counts) -> int:
    """A number that very many share (a call centre) is no number of a firm."""
    mine, yours = _own(a.phones, counts), _own(b.phones, counts)
    return UNKNOWN if not mine or not yours else OTHER if mine.isdisjoint(yours) else SAME


def _own(phones: Sequence[str], counts: Counts) -> set[str]:
    return {phone for phone in phones if not counts.crowded(f"phone|{phone}")}


def _domains(a: Look, b: Look, counts: Counts) -> int:
    """A domain that very many share (a market place) is no domain of a firm."""
    step = _tri(a.domain, b.domain)
    crowded = step and any(counts.crowded(f"domain|{look.domain}") for look in (a, b))
    return UNKNOWN if crowded else step


def _towns(a: str, b: str) -> int:
    step = _tri(a, b)
    if step != OTHER:
        return step
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    return NEAR if len(short) >= 4 and short[:5] in long else OTHER


def _address(a: str, b: str) -> int:
    return UNKNOWN if not a or not b else 1 + bisect_right(ADDRESS, addresses_alike(a, b))


def _first_word(a: Look, b: Look) -> int:
    """0 = neither first word is in the other name, 1 = one is, 2 = both are, 3 = the first words are equal."""
    if not a.words or not b.words:
        return 0
    if a.words[0] == b.words[0]:
        return 3
    return (a.words[0] in b.words) + (b.words[0] in a.words)


def _stem(domain: str, flat: str) -> bool:
    """Whether the domain is called as the name begins."""
    stem = domain.split(".", 1)[0].replace("-", "")
    return len(stem) > 3 and stem[:8] in flat


def _proofs(found: _Contacts) -> int:
    """How many contacts agree and how many contradict each other."""
    good = (found.phone == SAME) + (found.domain == SAME) + (found.address > 2)
    bad = (found.phone == OTHER) + (found.domain == OTHER) + (found.address in {1, 2}) + (found.town == OTHER)
    return good * 5 + bad
