"""The software of a shop, told from its front page, headers and robots.txt, with the reasons."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from spiders.extract.document import Document

WEIGHTS = {"generator": 3, "header": 3, "markup": 2, "robots": 1}
MOST_REASONS = 3
"""Of one kind that count: one plugin may leave ten traces."""
ENOUGH = 2
Reason = tuple[str, str]
"""Kind of clue (generator, header, markup, robots ...) and what was found."""


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform and what speaks for it."""

    key: str
    title: str
    family: str
    """Family that reads it."""
    asks: str
    """Path its family asks; "" where there is none of its own."""
    reasons: tuple[Reason, ...]
    score: int


@cache
def table() -> Mapping[str, Mapping[str, Any]]:
    """The table platforms.toml."""
    return tomllib.loads(Path(__file__).with_name("platforms.toml").read_text("utf-8"))


def platforms(doc: Document, headers: Mapping[str, str], robots: str) -> tuple[Platform, ...]:
    """Platforms that enough speaks for, the likeliest first; of equals the one that stands first in the table."""
    sources = {
        "generator": _generators(doc),
        "header": "\n".join(f"{name.lower()}: {value[:300].lower()}" for name, value in headers.items()),
        "markup": doc.lower,
        "robots": robots.lower(),
    }
    found = []
    for key, row in table().items():
        reasons = tuple(_reasons(row, sources))
        score = sum(WEIGHTS[kind] for kind, _ in reasons)
        if score >= ENOUGH:
            found.append(Platform(key, row["title"], row["family"], row.get("asks", ""), reasons, score))
    return tuple(sorted(found, key=lambda platform: -platform.score))


def _reasons(row: Mapping[str, Any], sources: Mapping[str, str]) -> Iterator[Reason]:
    for kind in WEIGHTS:
        signs = [sign for sign in row.get(kind, ()) if sign in sources[kind]]
        yield from ((kind, sign) for sign in signs[:MOST_REASONS])


def _generators(doc: Document) -> str:
    """What the page says it was made with; several programs may say so."""
    metas = [] if doc.root is None else list(doc.root.iter("meta"))[:500]
    return "\n".join((meta.get("content") or "")[:200].lower() for meta in metas if (meta.get("name") or "").lower() == "generator")
