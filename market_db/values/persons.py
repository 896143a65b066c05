"""Whether a firm's name, mailbox or number is in truth a person's: what cannot be told apart by form is told by tables."""

import re
from functools import cache

from market_db.reference import table, words
from market_db.values.names import legal_form, looks_like_company, normal_name
from market_db.values.spellings import narrow
from market_db.values.text import plain

MOST_WORDS, MOST_FORM_WORDS = 4, 5
LEAST_LABEL = 4
"""Letters of a given name at the start of a domain, and of what follows it."""
_LETTERS = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


def sole_trader_form(name: str, country: str | None = None, generic: frozenset[str] = frozenset()) -> str | None:
    """The form that shows a natural person behind the name ("Eenmanszaak", "e.K." of a person, "J. Roe t/a Spice House"); None = none.

    `country` is ISO 3166-1 alpha-2; `generic` are folded words of trades and places, which are nobody's surname. Forms:
    `reference/sole_traders.toml`.
    """
    found = normal_name(narrow(name)).split()
    text = plain(narrow(name))
    glued = next((form for form in sorted(words("sole_traders", "glued")) if form in text), None)
    return glued or _at_an_end(found, country, generic) or _between(found, generic)


def _at_an_end(found: list[str], country: str | None, generic: frozenset[str]) -> str | None:
    """The longest form at the end or the start, with what is left of the name."""
    starts = words("sole_traders", "starts") | words("sole_traders", "everywhere")
    for size in range(min(MOST_FORM_WORDS, len(found)), 0, -1):
        behind, before = " ".join(found[-size:]), " ".join(found[:size])
        if _is_form(behind, found[:-size], country, generic):
            return behind
        if before in starts and _is_form(before, found[size:], country, generic):
            return before
    return None


def _is_form(shown: str, rest: list[str], country: str | None, generic: frozenset[str]) -> bool:
    if rest and _is_company(rest):
        return False
    if shown in words("sole_traders", "everywhere"):
        return True
    person = looks_like_person(" ".join(rest), generic)
    if shown in words("sole_traders", "if_person"):
        return person
    countries = table("sole_traders")["only_in"].get(shown)
    return countries is not None and bool(rest) and (country in countries or (country is None and person))


def _is_company(rest: list[str]) -> bool:
    """Whether a company's form stands in what is left; folded words have lost the capitals by which short forms are known."""
    return legal_form(" ".join(("Qqqq", *rest[:-1], rest[-1].upper()))) is not None or legal_form(" ".join(rest)) is not None


def _between(found: list[str], generic: frozenset[str]) -> str | None:
    """A person before "trading as" or behind "Inh."; a company's own form before it makes it a company's trade name."""
    for at in range(1, len(found)):
        for size in range(min(4, len(found) - at), 0, -1):
            shown = " ".join(found[at : at + size])
            before, behind = " ".join(found[:at]), " ".join(found[at + size :])
            if shown in words("sole_traders", "between.person_first") and behind and not looks_like_company(before):
                return shown if looks_like_person(before, generic) else None
            if (
                shown in words("sole_traders", "between.person_last")
                and not looks_like_company(before)
                and looks_like_person(behind, generic)
            ):
                return shown
        mark = found[at].partition("/")
        if mark[0] == "v" and mark[1] and mark[2] and not looks_like_company(" ".join(found[:at])):
            return "v/"
    return None


def names_within(name: str, form: str) -> tuple[str, ...]:
    """The names around a sole trader's form, to be taken out of texts as well: "J. Roe t/a Spice House" is both."""
    shown = normal_name(narrow(name))
    if form == "v/":
        parts = shown.split(" v/")
    else:
        parts = re.split(rf"(?:^|\s+){re.escape(form)}(?:\s+|$)", shown) if form in shown.split() or " " in form else shown.split(form)
    return tuple(part.strip() for part in parts if part.strip())


def looks_like_person(text: str, generic: frozenset[str] = frozenset()) -> bool:
    """Whether a text can be a person's name and nothing in it is a trade, a place or a legal form: two to four words, or a given name."""
    found = plain(text).replace(".", " ").split()
    if not 1 <= len(found) <= MOST_WORDS or not all(_LETTERS.fullmatch(word) for word in found):
        return False
    if any(word in generic or word in words("role_mailboxes", "products") for word in found) or legal_form(text) is not None:
        return False
    return len(found) > 1 or found[0] in given_names()


@cache
def given_names() -> frozenset[str]:
    """Folded given names; see `reference/given_names.toml`."""
    return words("given_names", "names") | words("given_names", "three")


def is_persons_label(label: str) -> bool:
    """Whether the first label of a domain is a person's name: a given name, then letters with no word of a trade or place in them."""
    text = plain(label)
    head, dash, tail = text.partition("-")
    if dash:
        return head in given_names() and len(tail) > 2 and not _has_trade(tail)
    return any(
        (text[:cut] in words("given_names", "heads") if cut < LEAST_LABEL else text[:cut] in words("given_names", "names"))
        and text[cut:].isalpha()
        and not _has_trade(text[cut:])
        for cut in range(LEAST_LABEL - 1, len(text) - LEAST_LABEL + 1)
    )


def _has_trade(text: str) -> bool:
    return any(word in text for word in _trade_words())


@cache
def _trade_words() -> tuple[str, ...]:
    groups = ("roles", "places", "products")
    found = {word for group in groups for word in words("role_mailboxes", group) if len(word) >= LEAST_LABEL}
    return tuple(sorted(found - given_names()))


def names_a_person(text: str) -> bool:
    """Whether a given name or a person's title stands beside a printed number ("Jan: 06-..."), rather than "mobile" or "sales"."""
    found = {plain(word) for word in _LETTERS.findall(text)}
    return bool(found & (given_names() | words("given_names", "titles")))
