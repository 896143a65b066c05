"""Why two parties were taken for one company, in words: one line a topic, with what agrees and what it weighs."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pipelines.companies.features import FEATURES, OTHER, SAME, steps_of
from pipelines.companies.index import Counts
from pipelines.companies.likeness import addresses_alike
from pipelines.companies.looks import Look
from pipelines.companies.scorecard import Scorecard

SENTENCES = Path(__file__).with_name("reasons.toml")
TOPICS: Mapping[str, tuple[str, ...]] = {
    "phone": ("phone", "name_phone"),
    "domain": ("domain", "domain_countries", "stem", "name_domain"),
    "address": ("address", "name_address"),
    "name": ("of_less", "of_more", "left", "letters", "rare", "first_word", "cut", "equal_name", "script"),
    "town": ("town", "name_town"),
    "form": ("form",),
    "together": ("country", "source", "proofs"),
}
"""Topic of a reason -> features whose weights it adds up."""


@cache
def _sentences() -> dict[str, dict[str, str]]:
    return tomllib.loads(SENTENCES.read_text("utf-8"))


def sentence(key: str, language: str = "en", **values: object) -> str:
    """One sentence of `reasons.toml`."""
    return _sentences()[language][key].format(**values)


@dataclass(frozen=True, slots=True)
class Said:
    """One reason before it is put into words."""

    key: str
    """Of `reasons.toml`."""
    values: Mapping[str, object] = field(default_factory=dict)
    weight: float | None = None
    """Natural logarithm of odds; None = not weighed: a person, a register number, an entry shown again."""

    def text(self, language: str) -> str:
        """In full, with what agrees and what it weighs."""
        said = sentence(self.key, language, **self.values)
        if self.weight is None:
            return said
        weight = f"{self.weight:+.1f}"
        return f"{said} ({weight.replace('.', ',') if language == 'id' else weight})"


def topics(a: Look, b: Look, counts: Counts, card: Scorecard) -> tuple[Said, ...]:
    """Reasons for and against, the heaviest first; with the bias they add up to the score."""
    steps = dict(zip(FEATURES, steps_of(a, b, counts), strict=True))
    found = []
    for topic, names in TOPICS.items():
        weight = sum(card.weights[name][steps[name]] for name in names)
        key, values = _said(topic, steps, a, b, counts)
        if key:
            found.append(Said(key, values, weight))
    return tuple(sorted(found, key=lambda said: -abs(said.weight or 0.0)))


def reasons(a: Look, b: Look, counts: Counts, card: Scorecard, language: str = "en") -> tuple[str, ...]:
    """The topics in words of one language."""
    return tuple(said.text(language) for said in topics(a, b, counts, card))


def in_short(found: Iterable[Said], language: str, most: int = 3) -> tuple[str, ...]:
    """What spoke for it, without names, numbers or addresses: a history outlives what it speaks of."""
    speaking = [said for said in found if said.weight is None or said.weight > 0]
    keys = dict.fromkeys(said.key for said in speaking if said.key != "together")
    return tuple(sentence(key, f"{language}_short") for key in list(keys)[:most])


def _said(topic: str, steps: Mapping[str, int], a: Look, b: Look, counts: Counts) -> tuple[str, dict[str, object]]:
    """Key of the sentence about a topic, with its values; "" = nothing to say."""
    if topic == "name":
        return _name(a, b)
    if topic == "address":
        return _address(a, b, counts)
    if topic in ("phone", "domain"):
        return _contact(topic, steps[topic], a, b, counts)
    if topic == "town":
        return _town(steps["town"], a, b)
    if topic == "form":
        return ("", "form_other", "form_same")[min(steps["form"], SAME)], {"one": a.form, "two": b.form}
    return "together", {}


def _name(a: Look, b: Look) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {
        "one": " ".join(a.words),
        "two": " ".join(b.words),
        "both": " ".join(word for word in a.words if word in b.words),
    }
    if not a.words or not b.words:
        return "name_none", values
    if a.words == b.words:
        return "name_same", values
    return ("name_shared" if values["both"] else "name_other"), values


def _address(a: Look, b: Look, counts: Counts) -> tuple[str, dict[str, object]]:
    if not a.address or not b.address:
        return "", {}
    if a.address == b.address:
        return "address_same", {"names": counts.behind(f"address|{a.country}|{a.address}", "flat")}
    return ("address_near" if addresses_alike(a.address, b.address) >= 0.8 else "address_other"), {}


def _contact(topic: str, step: int, a: Look, b: Look, counts: Counts) -> tuple[str, dict[str, object]]:
    if step < SAME:
        return f"{topic}_other" if step == OTHER else "", {}
    value = a.domain if topic == "domain" else next(phone for phone in a.phones if phone in b.phones)
    return f"{topic}_same", {"value": value, "names": counts.behind(f"{topic}|{value}", "flat")}


def _town(step: int, a: Look, b: Look) -> tuple[str, dict[str, object]]:
    return ("", "town_other", "town_same", "town_near")[step], {"one": a.city, "two": b.city}
