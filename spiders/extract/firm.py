"""The firm behind a contact, imprint or front page: the legal name where its address stands, else what the site calls itself."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from market_db.values.names import legal_form
from market_db.values.text import clean, fold
from spiders.extract import cues
from spiders.extract.contacts import own_lines
from spiders.extract.document import Document
from spiders.extract.nodes import text_of
from spiders.extract.phones_shown import labelled
from spiders.extract.shops import ORGANISATIONS, copyright_names, host_label, same_shop, shop_name
from spiders.extract.sought import Sought

MAX_NAME = 90
"""Characters of the longest name."""
EDGE = 300
"""Lines at each end of a page in which the firm is sought."""
BELOW = 3
"""Lines below a name in which its address begins."""
_ANNOUNCED = 10
"""What a name behind a label counts, against one above an address."""
_CUT = re.compile(
    r"\s*(?:[|•·–—;]|\s-\s|,)\s*|(?<=\S)\s+(?=\(?\d{1,12}\b)"
    rf"|\s+(?=(?:{'|'.join(cues.contact_words()['name_ends']['words'])}|{'|'.join(cues.contact_words()['register']['words'])})(?!\w))",
    re.IGNORECASE,
)
"""Where a name may end in a line that goes on with its address."""
_ADDRESSED = re.compile(r"\d{3}|\d\s*[,/]|\b[A-Z]{1,2}\d[\dA-Z]? ?\d[A-Z]{2}\b|\b(?:p\.?\s?o\.?\s?)?box\b|[区區市구]", re.IGNORECASE)
_NO_NAME = re.compile(r"[@©®]|https?:|www\.|\d{4,}|[!?]$|:$")
_SENTENCE = re.compile(
    r"(?<=\w{4})\.\s+\w+\s+\w+|\s(?:is|are|was|we|our|your|ist|sind|wir|est|sont|nous|es|son|è|sono|jest|adalah|является|—|всё)\s",
    re.IGNORECASE,
)
_LABEL = re.compile(
    rf"^\W*(?:{'|'.join(cues.contact_words()['company']['words'])})(?:\s*\([^)]*\))?\s*(?:[:：]\s*|$|\s{{2,}})(.*)$", re.IGNORECASE
)
_FORM_FIRST = re.compile(r"^(?:[(（][주株有유合][)）]|[㈜㈱㈲])")
"""A Korean or Japanese form in brackets before the name."""
_LABEL_WORDS = Sought.of({"": cues.contact_words()["company"]["words"]})
_HEADING = re.compile(rf"^\W*(?:{'|'.join(cues.contact_words()['heading']['words'])})\W*$", re.IGNORECASE)
_REGISTER = re.compile(
    rf"(?:{'|'.join(cues.contact_words()['register']['words'])})[\s.:№#]*[A-Z]{{0,4}}[\s.-]?\d[\d .-]{{5,}}", re.IGNORECASE
)
"""A number under which firms are registered or taxed, behind its label."""
_SHORT_FORMS = frozenset(cues.contact_words()["forms"]["short"])
_MAY_BE_LEGAL = re.compile(
    rf"(?<![^\W\d_])(?:{'|'.join(map(re.escape, sorted(_SHORT_FORMS)))})(?![^\W\d_])|\b\w\.\s?\w\.|[^\x00-\u024f]"
    r"|(?:gmbh|limited|corp|company|ltda|bhd|sarl|spol|sdn|pvt|handels|group|srl|eurl|gesellschaft|société|spółka|công ty"
    r"|cổ phần|aktie|s\.|sociedad)",
)
"""A cheap look at a line in small letters, before what is sure and slow."""
_MARKS = " -–—|:,•·*\"'“”„«»®™/"


def firm_name(doc: Document) -> str | None:
    """Legal or trading name as printed; None where the page names nobody."""
    own = _own_name(doc)
    legal = None if own and legal_form(own) else _imprint_name(doc, own)
    if legal:
        return legal
    if own and not _is_address(own, doc):
        return _title_name(doc) if _is_slogan(own, doc) else own
    return _stated_name(doc) or own or _block_name(doc) or _title_name(doc)


def _own_name(doc: Document) -> str | None:
    """What the site calls itself, without a label before it; what only looks like a legal form is believed where the domain agrees."""
    own = shop_name(doc)
    if own is None:
        return None
    label = _LABEL.match(own)
    own = label[1].strip() if label and label[1].strip() else own
    if not legal_form(own):
        return own
    if "«" in own and "»" not in own:
        own += "»"
    sure = _has_sure_form(own) or same_shop(own, host_label(doc.host) or None, doc.host)
    return f"{own}." if sure and re.search(r"\b\w\.(?:\w\.)*\w$", own) else own if sure else None


def _imprint_name(doc: Document, own: str | None) -> str | None:
    """The legal name that a label announces or that an address follows.

    Of several the one that is like the site's name; payment services, hosts and branches have legal names too. A name in another
    script cannot be like the site's: there the only one is taken.
    """
    found = Counter(_legal_names(doc))
    like = [name for name in found if _is_like(name, own, doc)]
    if like:
        return max(like, key=lambda name: (found[name], -len(name)))
    announced = [name for name, times in found.items() if times >= _ANNOUNCED]
    others = announced or list(found)
    if len(others) != 1 or (own and not announced and others[0].isascii() == own.isascii()):
        return None
    return others[0] if own is None or legal_form(others[0]) else None


def _is_like(name: str, own: str | None, doc: Document) -> bool:
    """Whether a legal name holds the site's name, or each word of it."""
    if same_shop(name, own or host_label(doc.host), doc.host):
        return True
    mine, theirs = set(re.findall(r"\w{3,}", fold(own or ""))), set(re.findall(r"\w{3,}", fold(name)))
    return bool(mine) and mine <= theirs


def _legal_names(doc: Document) -> Iterator[str]:
    """Names with a legal form that an address or telephone number follows; several times where a label announces them."""
    lines = _edges(doc)
    text = "\n".join(lines)
    labels, brands = _LABEL_WORDS.narrowed(text), cues.BRAND_OF.narrowed(text)
    where = cache(lambda place: place < len(lines) and bool(_ADDRESSED.search(lines[place][:120]) or labelled(lines[place][:60])))
    for place, line in enumerate(lines):
        below = lines[place + 1 : place + 1 + BELOW]
        if brands and (brand := brands.search(line[:400])) and (name := _legal_part(line[brand.match.end() : 400])):
            yield from [name] * _ANNOUNCED
        elif labels.search(line[:200]) and (label := _LABEL.match(line[:200])):
            value = label[1] or (lines[place + 1] if place + 1 < len(lines) else "")
            if name := _legal_part(value) or _plain(value):
                yield from [name] * _ANNOUNCED
        elif _MAY_BE_LEGAL.search(line[:300].lower()) and any(map(where, range(place, place + 1 + BELOW))):
            name = _legal_part(line)
            if name and _is_followed(line[len(name) :], below):
                yield from [name] * (_ANNOUNCED if _is_registered(line[len(name) :], below) else 1)


def _is_registered(rest: str, below: Sequence[str]) -> bool:
    """Whether a number in a register or a tax number stands by a name: it is that of the site's owner, whatever the site is called."""
    return any(_REGISTER.search(text[:200]) for text in (rest, *below))


def _legal_part(line: str) -> str | None:
    """The part of a line up to a legal form, where the line begins with a name; of several parts the first."""
    text = _stripped(clean(line[:300]))
    if not text or not (text[0].isalnum() or _FORM_FIRST.match(text)) or "©" in text:
        return None
    ends = [match.start() for match in _CUT.finditer(text[: MAX_NAME * 2])] + [len(text)]
    for end in ends:
        name = _stripped(text[:end])
        if 2 < len(name) <= MAX_NAME and _is_name(name) and legal_form(name) and _has_sure_form(name):
            return name
    return None


def _stripped(text: str) -> str:
    """Without marks at its ends, except the closing one of a name in quotes."""
    name = text.strip(_MARKS)
    closing = text.rstrip(" -–—|:,•·*")[-1:]
    return name + closing if closing in '»”"' and closing and any(mark in name for mark in '«“„"') else name


def _has_sure_form(name: str) -> bool:
    """Whether a form of few letters is one that firms use and hardly any word: "Ei" and "Me" are forms somewhere and words everywhere."""
    words = [fold(word.strip(',.()«»"')) for word in name.split()]
    if not name.isascii() and words[0] not in _SHORT_FORMS and len(words[-1]) < 3:
        return not words[-1].isascii() or words[-1] in _SHORT_FORMS
    short = [word.replace(".", "") for word in (words[0], words[-1])]
    return len(words[-1]) > 3 or "." in words[-1] or any(word in _SHORT_FORMS for word in short)


def _is_name(text: str) -> bool:
    return not _NO_NAME.search(text) and not _SENTENCE.search(text) and len(text.split()) <= 10 and not _HEADING.match(text)


def _plain(text: str) -> str | None:
    """A labelled value that has no legal form."""
    name = _CUT.split(clean(text[:200]))[0].strip(_MARKS)
    return name if 2 < len(name) <= MAX_NAME and _is_name(name) and name[0].isupper() and not labelled(name) else None


def _is_followed(rest: str, below: Sequence[str]) -> bool:
    """Whether an address or a telephone number comes right behind a name."""
    return any(_ADDRESSED.search(text[:120]) or labelled(text[:60]) for text in ([rest] if len(rest) > 8 else below))


def _is_address(own: str, doc: Document) -> bool:
    """Whether a name is only the address of the site, in whatever spelling."""
    squeezed = re.sub(r"[\W_]", "", fold(own))
    return squeezed in {re.sub(r"[\W_]", "", doc.host), re.sub(r"[\W_]", "", host_label(doc.host))} and " " not in own.strip()


def _stated_name(doc: Document) -> str | None:
    """Name of the one organisation that markup states, where it is more than the address of the site."""
    nodes = [node for graph in (doc.jsonld, doc.microdata) for node in graph.of(ORGANISATIONS)]
    names = {name: None for node in nodes if (name := clean(text_of(node.get("name")) or "", MAX_NAME + 1))}
    names = {name: None for name in names if len(name) <= MAX_NAME and fold(name) != fold(doc.title) and not _is_address(name, doc)}
    return next(iter(names)) if len(names) == 1 else None


def _is_slogan(own: str, doc: Document) -> bool:
    """Whether a name stands in a logo's text only, is not like the domain, and the title calls the site by its domain."""
    title = _title_name(doc)
    if title is None or fold(title) != doc.host or same_shop(own, host_label(doc.host), doc.host):
        return False
    said = fold(" ".join([doc.title, doc.metas.get("og:site_name", ""), *copyright_names(doc), *doc.lines]), 200_000)
    return fold(own) not in said


def _title_name(doc: Document) -> str | None:
    """What is left of a contact page's title without the words for contact."""
    parts = [part.strip(_MARKS) for part in cues.SHARE_TITLE.split(doc.title)]
    rest = [part for part in parts if part and not cues.CONTACT_PAGE.search(part) and not _HEADING.match(part)]
    return rest[0] if len(rest) == 1 and len(parts) > 1 and 2 < len(rest[0]) <= 60 else None


def _edges(doc: Document) -> list[str]:
    """Lines at head and foot of the page, without what is said of others: no imprint is longer."""
    lines = doc.lines if len(doc.lines) <= 2 * EDGE else [*doc.lines[:EDGE], *doc.lines[-EDGE:]]
    return list(own_lines(lines, doc.host))


def _block_name(doc: Document) -> str | None:
    """The line above an address and a telephone number, where it reads like a name."""
    lines = _edges(doc)
    for place, line in enumerate(lines[:-2]):
        below = lines[place + 1 : place + 4]
        words = line.split()
        if 1 < len(words) <= 6 and len(line) <= 60 and _is_name(line) and line[0].isupper() and not labelled(line):
            capitals = sum(word[0].isupper() or not word[0].isalpha() or len(word) < 4 for word in words)
            if (
                capitals == len(words)
                and any(map(labelled, below))
                and any(_ADDRESSED.search(text) for text in below if not labelled(text))
            ):
                return line.strip(_MARKS)
    return None
