"""The guide for staff: what each page is for, what a score means, what may be done with a contact, and the words of the trade."""

import tomllib
from dataclasses import dataclass
from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from market_db.web.site import FOLDER, Site

TEXTS = FOLDER / "guide"
PICTURES = FOLDER / "static" / "guide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the guide."""

    key: str
    """Also its anchor."""
    title: str
    text: tuple[str, ...]
    """Paragraphs."""
    picture: str = ""
    """Path of a picture under /static; empty = none."""
    alt: str = ""
    """What the picture shows, for those who do not see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word of the trade."""

    key: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Guide:
    """The guide in one language."""

    sections: tuple[Section, ...]
    terms: tuple[Term, ...]


@cache
def read_guide(language: str) -> Guide:
    """The guide in `id` or `en`; a picture that was not made yet is left out."""
    table = tomllib.loads((TEXTS / f"{language}.toml").read_text("utf-8"))
    sections = (
        Section(**{**one, "text": tuple(one["text"]), "picture": _picture(one.get("picture"), language)}) for one in table["section"]
    )
    return Guide(tuple(sections), tuple(Term(**one) for one in table["term"]))


def _picture(name: str | None, language: str) -> str:
    made = f"{name}-{language}.webp"
    return f"/static/guide/{made}" if name and (PICTURES / made).exists() else ""


def guide(site: Site, request: Request) -> Response:
    """The page."""
    words = site.words(request)
    found = read_guide(words.language)
    return site.page(request, "guide.html", words=words, sections=found.sections, terms=found.terms)
