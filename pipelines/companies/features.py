"""What a pair of parties shows, as named features with a few steps each; the scorecard gives every step its weight."""

from bisect import bisect_right
from collections.abc import Sequence

from pipelines.companies.index import Counts
from pipelines.companies.likeness import compare_names, streets_alike
from pipelines.companies.looks import Look
from pipelines.companies.profiles import Profile

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


NAMED = 8
"""The first so many features look at the names, the next ten at contacts and places, the rest at both."""


def steps_of(a: Look, b: Look, counts: Counts) -> tuple[int, ...]:
    """Step of each feature, in the order of FEATURES; the same whichever of the two comes first."""
    one, two = Profile(a, counts), Profile(b, counts)
    beside = contact_steps(one, two, counts)
    names, level = name_steps(one, two, beside[TOWN], counts)
    return all_steps(names, beside, level)


def all_steps(names: tuple[int, ...], beside: tuple[int, ...], level: int) -> tuple[int, ...]:
    """Steps of all features from those of names and contacts and the level of the names."""
    phone, domain, _, address, town = beside[: TOWN + 1]
    phone, domain, address = min(phone, SAME), min(domain, SAME), min(address, 1 + len(ADDRESS))
    good = (phone == SAME) + (domain == SAME) + (address > 2)
    bad = (phone == OTHER) + (domain == OTHER) + (address in {1, 2}) + (town == OTHER)
    mixed = (level * 3 + phone, level * 3 + domain, level * 4 + max(0, address - (address > 1)), level * 4 + town)
    return (*names, *beside, *mixed, good * 5 + bad)


def name_steps(a: Profile, b: Profile, towns: int, counts: Counts) -> tuple[tuple[int, ...], int]:
    """Steps of the names, and how alike they are as a whole (step of LEVELS); `towns` is the step of the towns."""
    name = compare_names(a, b, counts.weight)
    steps = (
        bisect_right(SHARES, name.of_less),
        bisect_right(SHARES, name.of_more),
        bisect_right(LEFT, name.less_left) * (len(LEFT) + 1) + bisect_right(LEFT, name.more_left),
        bisect_right(LETTERS, name.letters),
        bisect_right(RARE, name.shared) * 4 + towns,
        _first_word(a.look.words, b.look.words),
        _cut(a.look.flat, b.look.flat) if name.cut else 0,
        _equal_name(a, b, towns, counts) if a.words == b.words else 0,
    )
    return steps, bisect_right(LEVELS, max((name.of_less * name.of_more) ** 0.5, name.letters))


def _cut(a: str, b: str) -> int:
    return 2 if a != b and len(a) >= 14 and len(b) >= 14 else 1


def _equal_name(a: Profile, b: Profile, towns: int, counts: Counts) -> int:
    """0 = no words; else by towns and in how many towns of the country this name occurs."""
    if not a.words:
        return 0
    key = f"joined|{a.look.country or b.look.country}|{''.join(sorted(a.words))}"
    return 1 + towns * (len(TOWNS) + 1) + bisect_right(TOWNS, counts.behind(key, "city"))


def contact_steps(a: Profile, b: Profile, counts: Counts) -> tuple[int, ...]:
    """Steps of phone, domain, address, place, legal form, script and source."""
    one, two = a.look, b.look
    same_domain = bool(a.domain) and a.domain == b.domain
    stem, other = a.stem, b.stem
    return (
        _phone(a.phones, b.phones, counts) if a.phones and b.phones else UNKNOWN,
        SAME + bisect_right(NAMES, counts.behind(f"domain|{a.domain}", "flat")) if same_domain else _tri(a.domain, b.domain),
        1 + bisect_right((2, 3), counts.behind(f"domain|{a.domain}", "country")) if same_domain else 0,
        _address(a, b, counts) if a.address and b.address else UNKNOWN,
        _towns(one.city, two.city),
        _tri(one.country, two.country),
        _tri(one.form, two.form),
        int((bool(stem) and stem in two.flat) or (bool(other) and other in one.flat)),
        int(one.native != two.native),
        int(bool(one.source) and one.source == two.source),
    )


TOWN = 4
"""Place of the town among the steps of `contact_steps`."""


def _phone(mine: Sequence[str], yours: Sequence[str], counts: Counts) -> int:
    """The rarest number in common decides."""
    shared = [phone for phone in mine if phone in yours]
    return SAME + bisect_right(NAMES, min(counts.behind(f"phone|{phone}", "flat") for phone in shared)) if shared else OTHER


def _address(a: Profile, b: Profile, counts: Counts) -> int:
    """1 other, then alike in steps of ADDRESS; an address in common counts less where many names have it."""
    alike = 1.0 if a.address == b.address else streets_alike(a.streets, b.streets)
    step, top = 1 + bisect_right(ADDRESS, alike), 1 + len(ADDRESS)
    if step < top:
        return step
    key = min(f"address|{look.country}|{look.address}" for look in (a.look, b.look))
    return top + bisect_right((2, 4), counts.behind(key, "flat"))


def _tri(a: str, b: str) -> int:
    return UNKNOWN if not a or not b else SAME if a == b else OTHER


def _towns(a: str, b: str) -> int:
    step = _tri(a, b)
    if step != OTHER:
        return step
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    return NEAR if len(short) >= 4 and short[:5] in long else OTHER


def _first_word(a: Sequence[str], b: Sequence[str]) -> int:
    """0 = neither first word is in the other name, 1 = one is, 2 = both are, 3 = the first words are equal."""
    if not a or not b:
        return 0
    return 3 if a[0] == b[0] else (a[0] in b) + (b[0] in a)
