"""The business behind a site: which of the names on its pages is its own."""

import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from lxml.html import HtmlElement

from market_db.values.names import legal_form
from market_db.values.text import clean, fold
from spiders.extract import cues
from spiders.extract.document import Document
from spiders.extract.merchants import GENERIC, words
from spiders.extract.nodes import nodes_of, text_of
from spiders.extract.text import MAX_NAME

ORGANISATIONS = frozenset(
    {
        "organization",
        "corporation",
        "localbusiness",
        "store",
        "onlinestore",
        "onlinebusiness",
        "grocerystore",
        "restaurant",
        "foodestablishment",
        "wholesalestore",
    }
)
_SITES = frozenset({"website"})
_SELF_NAMED = ("og:site_name", "application-name", "apple-mobile-web-app-title")
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|&copy;|copyright|جميع الحقوق محفوظة|hak cipta|все права защищены|版權所有|版权所有)"
    r"[\s,:|-]*(?:©|\(c\))?\s*(?:copyright\s*)?(?:لـ?\s*\|?\s*)?"
    r"(?:(?:19|20)\d\d(?:\s*[-–—]\s*(?:(?:19|20)?\d\d|present|today|heute|heden|now))?)?[\s,.:|-]*(?:by\s+)?(.{0,90})",
    re.IGNORECASE,
)
"""A copyright line and what stands behind its year."""
_COPYRIGHT_END = re.compile(
    r"(?<!\bSp)(?<!\bCo)(?<!\bInc)(?<!\bLtd)(?<!\bz)\.\s|[，。]|版權|版权|\s[-–—|•·]\s|\||\s(?:19|20)\d\d|©"
    r"|,?\s*(?:all rights|alle rechte|tous droits|todos (?:los|os)|tutti i diritti|все права|wszelkie|hak cipta|p\.?\s?iva)"
    r"|\s(?:or its|ou ses|o sus|o società|und|oder)\s|\s*[-–(]?\s*(?:powered|designed|developed|created|design|webdesign) by\b",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"^(?:www\.)?[\w-]+(?:\.[^\W\d]{2,10}){1,2}$|^www\.", re.IGNORECASE)
_LEGAL = re.compile(
    r"(?<![\w.])(?:gmbh|inc|ltd|llc|llp|corp|limited|s\.?r\.?l|s\.?p\.?a|b\.?v|n\.?v|sp\.? z o\.? ?o|a/s|aps|kft|ооо|тоо|oyj?|plc|pty|e\.u|"
    r"ag|ab|asa|kg|ohg|sarl|sas|"
    r"s\.? ?r\.? ?o|d\.? ?o\.? ?o|eood|еоод|оод|m\.b\.h|sdn|bhd|pte)(?!\w)|株式会社|有限公司|주식회사|^pt\s|^cv\s",
    re.IGNORECASE,
)
"""Legal forms that are no words of their own ("me", "sd", "ii" are forms somewhere and words everywhere)."""
_MAY_BE_LEGAL = re.compile(_LEGAL.pattern)
"""The same for small letters: three times as fast."""
_TAGLINE = re.compile(r"\s*[|｜]\s*|(?<!\S)»\s*|\s+»\s*|\s[-–—:]\s")
_QUOTED = re.compile(rf"^(?:{words('shop_before')})\s*[«“\"„](.{{2,60}})[»”\"“]$", re.IGNORECASE)
"""A name in quotes behind a word for shop."""
_SOFTWARE = re.compile(rf"^(?:{words('software')})(?:[,.]?\s+(?:inc|ltd|llc|gmbh|sa|commerce))*\.?$", re.IGNORECASE)
_OWNER = re.compile(r"(?<=\w)[\s,(-]+(?:inh\.|inhaber(?:in)?\b|owner:|proprietor\b|titolare\b|eigenaar\b).*$", re.IGNORECASE)
"""Behind a firm's name: the person who owns it."""
_LOGO_WORD = re.compile(r"\blogo(?:type)?\b", re.IGNORECASE)
_ADDRESSED = re.compile(
    r"\b(?:address|adresse|anschrift|dirección|endereço|indirizzo|adres)\s*:\s*([^\W\d][^\d:]{3,60}?),?\s+\d", re.IGNORECASE
)
_LEGAL_LINE = 60
"""Characters of the longest line that is a legal name and nothing else."""
BELIEVED = 0.3
"""Score below which a name is a headline as likely as a firm."""
_SHOP_WORDS = re.compile(rf"^(?:{words('shop_before')})\s+|\s+(?:{words('shop_behind')})$", re.IGNORECASE)
_MARKS = " -–—|:,®™/"
_WORD = re.compile(r"[^\W_]+(?:['’`´&+-][^\W_]+)*['’`]?")
_LATIN = {
    ord(letter): latin
    for letter, latin in zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ",
        "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch # y # e iu ia i i ie g".replace("#", "").split(" "),
        strict=True,
    )
}
"""Cyrillic as passports and most domains write it (ICAO Doc 9303, part 3)."""


_CYRILLIC = re.compile("[а-ґ]")
_ASCII_MARKS = f"{string.punctuation} \t".encode()
_OTHER_MARKS = "’‘“”„«»®™©–—·•…、。，：｜"
"""What may stand between two letters of a name."""


@dataclass(slots=True)
class _Candidate:
    """One name in its spellings, and what speaks for it."""

    score: float = 0.0
    spellings: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """The spelling that most speaks for, with capitals where any has them; the last of equals."""
        return max(reversed(self.spellings), key=lambda spelling: (not spelling.islower(), self.spellings[spelling]))


def shop_name(doc: Document, *, trading: bool = False) -> str | None:
    """The business behind the page: named by several places or like its domain; legal names win.

    `trading`: the name customers know; a legal name that adds nothing to it but its form is the same name.
    """
    found: dict[str, _Candidate] = {}
    own = [_squeezed(text) for text in _self_named(doc)]
    for weight, text in _evidence(doc):
        name = _tidied(text)
        key = _squeezed(name)
        if not 2 <= len(key) <= 60 or GENERIC.match(name) or _SOFTWARE.match(name) or name.lower().startswith("www."):
            continue
        candidate = found.setdefault(key, _Candidate(_fitness(name, key, doc, own)))
        candidate.score += weight
        candidate.spellings[name] += round(100 * weight)
    for name in _spelled(doc):
        candidate = found.setdefault(_squeezed(name), _Candidate(_fitness(name, _squeezed(name), doc, own) - 1.0))
        candidate.spellings[name] += 1
    _merge(found, trading)
    best = max(found.values(), key=lambda candidate: candidate.score, default=None)
    return best.name if best and best.score >= BELIEVED else _beside_heading(doc)


def _merge(found: dict[str, _Candidate], trading: bool) -> None:
    """Give what speaks for "Toko Rasa Online Shop" to "Toko Rasa", where the page has that name too."""
    for key, candidate in list(found.items()):
        for bare in map(_squeezed, _shorter(candidate.name, trading)):
            if bare and bare != key and bare in found:
                found[bare].score += max(0.0, candidate.spellings.total() / 100)
                if _DOMAIN.search(candidate.name):
                    found[bare].spellings[candidate.name.rpartition(".")[0]] += candidate.spellings.total()
                del found[key]
                break


def _shorter(name: str, trading: bool) -> Iterator[str]:
    """The name without a word for shop, without its top-level domain, and (trading) without its legal form."""
    yield _SHOP_WORDS.sub("", name)
    if _DOMAIN.search(name):
        yield name.rpartition(".")[0]
    if trading and _legal(name):
        yield _LEGAL_TAIL.sub("", name)


_LEGAL_TAIL = re.compile(rf"[\s,]+(?:{_LEGAL.pattern.split('(?:', 1)[1].rsplit(')(?!', 1)[0]})\.?(?:\s+\w{{1,3}}\.?)?$", re.IGNORECASE)


def _tidied(text: str) -> str:
    """Without the words and marks that logos, taglines and domains add."""
    name = _TAGLINE.split(_LOGO_WORD.sub("", _OWNER.sub("", clean(text, 120))).strip(_MARKS))[0].strip(_MARKS)
    quoted = _QUOTED.match(name)
    name = quoted[1] if quoted else name
    return name if _legal(name) else name.rstrip(".")


@lru_cache(maxsize=4_096)
def _legal(name: str) -> bool:
    return bool(_MAY_BE_LEGAL.search(name.lower())) and legal_form(name) is not None


def _squeezed(text: str) -> str:
    """Letters and digits only, in Latin script where it is Cyrillic, for comparing names with domains."""
    return re.sub(r"[\W_]", "", fold(text, MAX_NAME)).translate(_LATIN)


def host_label(host: str) -> str:
    """The telling label of a host: cheesehouse of www.cheesehouse.com."""
    labels = [label for label in host.split(".")[:-1] if label not in ("www", "shop", "store", "m", "co", "com", "net", "org", "de", "en")]
    return max(labels, key=len, default="")


def is_site(text: str, doc: Document) -> bool:
    """Whether a part of a title is the site's name."""
    squeezed = _squeezed(text)
    label = _squeezed(host_label(doc.host))
    return squeezed in {_squeezed(doc.metas.get("og:site_name", "")), _squeezed(doc.host), label} - {""}


def _fitness(name: str, squeezed: str, doc: Document, own: Iterable[str]) -> float:
    """What speaks for a name by itself: a legal form, likeness to the domain without being the domain, brevity."""
    legal, domain = _legal(name), bool(_DOMAIN.search(name))
    likeness = 0.0 if domain else _likeness(squeezed, doc, 5 if legal else 3)
    holder = legal and not likeness and any(own) and not any(part in squeezed or squeezed in part for part in own)
    return likeness + 1.0 * (legal and not holder) - 1.0 * holder - 0.02 * len(name) - 1.0 * domain


def _likeness(squeezed: str, doc: Document, times: int) -> float:
    """How well a name fits the domain; 0 to 2.5."""
    label = _squeezed(host_label(doc.host))
    if not label or label == squeezed:
        return 2.5 * bool(label)
    return 2.0 if len(label) > 3 and (label in squeezed or squeezed in label) and len(squeezed) < times * len(label) else 0.0


def _self_named(doc: Document) -> list[str]:
    """What the site calls itself in its metadata, where its title says so too."""
    title = _squeezed(doc.title)
    names = [_tidied(doc.metas.get(key, "")) for key in _SELF_NAMED]
    return [name for name in names if name and _squeezed(name) in title]


def _evidence(doc: Document) -> Iterator[tuple[float, str]]:
    """Names the page gives for its owner, with what each place is worth."""
    yield from _stated(doc)
    for key in _SELF_NAMED:
        if site := doc.metas.get(key):
            yield 1.5 if key == _SELF_NAMED[0] else 0.6, site
    for text in copyright_names(doc):
        yield 2.0, text
    for part in cues.SHARE_TITLE.split(doc.title):
        yield 0.4, part
    yield from _line_names(doc)
    for place, image in enumerate(_logos(doc)):
        yield 1.0 if place == 0 else 0.5, image.get("alt", "")


def _beside_heading(doc: Document) -> str | None:
    """What the title has besides the heading of the page, in one part, where the page says it again."""
    title = doc.title
    for _, heading in doc.headings[:3]:
        if len(title) > len(heading) > 2 and title.startswith(heading) and (mark := cues.SHARE_TITLE.match(title, len(heading))):
            rest = title[mark.end() :].strip()
            said = "\n".join([*doc.folded, *(fold(image.get("alt", "")) for image in _logos(doc))])
            return rest if len(cues.SHARE_TITLE.split(rest)) == 1 and fold(rest) in said.replace(fold(title), "") else None
    return None


def _stated(doc: Document) -> Iterator[tuple[float, str]]:
    """Names in schema.org markup; software that writes the page's title there says nothing."""
    for graph in (doc.jsonld, doc.microdata):
        sites = graph.of(_SITES)
        publishers = [node for site in sites for node in nodes_of(site.get("publisher"))]
        for node in [*graph.of(ORGANISATIONS), *publishers]:
            for key, weight in (("legalname", 3.0), ("name", 1.5)):
                text = text_of(node.get(key))
                if text and len(text) < MAX_NAME:
                    yield (3.0 if _legal(text) else weight) * (fold(text) != fold(doc.title)), text
        for site in sites:
            if text := text_of(site.get("name")):
                yield 1.0 * (fold(text) != fold(doc.title)), text


def _logos(doc: Document) -> list[HtmlElement]:
    """Pictures in what is called a logo; the first is the shop's, later ones may be brands and payment services."""
    return doc.once("logos", lambda: _pictured_logos(doc))


def _pictured_logos(doc: Document) -> list[HtmlElement]:
    found: dict[HtmlElement, None] = {}
    for holder in doc.called("logo"):
        for image in (holder,) if holder.tag == "img" else holder.iter("img"):
            if image.get("alt"):
                found[image] = None
        if len(found) >= 4:
            break
    return list(found)[:4]


def _line_names(doc: Document) -> Iterator[tuple[float, str]]:
    """Lines that are a legal name, and names before a street number."""
    for line in doc.lines:
        if ":" in line and (match := _ADDRESSED.search(line[:400])) and len(match.group(1).split()) > 1:
            yield 1.0, match.group(1)
        if len(line) <= _LEGAL_LINE and line[0].isalpha() and "©" not in line and "@" not in line and _legal(line):
            brand = cues.BRAND_OF.search(line)
            yield 0.5, line[brand.match.end() :] if brand else line


def _spelled(doc: Document) -> list[str]:
    """The domain's label as the page writes it in words (Toko Rasa on tokorasa.example), the commonest spelling last."""
    label = _squeezed(host_label(doc.host))
    found: Counter[str] = Counter()
    for line in (doc.title, *(image.get("alt", "") for image in _logos(doc))):
        if label and label in _squeezed(line):
            found.update(_windows(line, label))
    for line in _lines_with(doc, label) if len(label) > 2 else ():
        found.update(_windows(line[:1_000], label))
    return [name for name, _ in reversed(found.most_common())]


def _lines_with(doc: Document, label: str) -> Iterator[str]:
    """Lines that have the letters of the label behind each other, whatever marks and blanks stand between them."""
    text = "\n".join(doc.folded)
    text = text.encode("utf-8", "ignore").translate(None, _ASCII_MARKS).decode()  # bytes lose letters many times faster than text
    if not text.isascii():
        text = text.translate(_LATIN) if _CYRILLIC.search(text) else text
        for mark in _OTHER_MARKS:
            text = text.replace(mark, "")
    if label in text:
        yield from (line for line, letters in zip(doc.lines, text.split("\n"), strict=True) if label in letters)


def _windows(line: str, label: str) -> Iterator[str]:
    """Runs of up to five words that spell the label, begin with a capital where the script has any, and are no part of an address."""
    words = list(_WORD.finditer(line))
    for first, start in enumerate(words):
        letter = line[start.start()]
        if (letter.isascii() and letter.lower() != label[0]) or (start.start() and line[start.start() - 1] in "@./-_"):
            continue
        squeezed = ""
        for end in words[first : first + 5]:
            squeezed += _squeezed(end.group())
            if not label.startswith(squeezed):
                break
            if squeezed == label and not start.group()[0].islower() and not re.match(r"[.@_]\w", line[end.end() : end.end() + 2]):
                yield line[start.start() : end.end()]
                break


def copyright_names(doc: Document) -> Iterator[str]:
    """Names in copyright lines, the last ones first: that of the shop stands at the foot of the page."""
    for line in reversed(doc.lines[-60:]):
        match = _COPYRIGHT.search(line[:300])
        if match:
            after = _COPYRIGHT_END.split(match.group(1))[0]
            before = line[: match.start()].strip(_MARKS + ".0123456789")
            for name in (after, before if len(before) <= _LEGAL_LINE else ""):
                if any(char.isalpha() for char in name):
                    yield name
                    break


def same_shop(named: str, own: str | None, host: str) -> bool:
    """Whether two names are of one firm: one holds the other, or both hold the label of the host."""
    if own is None:
        return False
    one, other, label = _squeezed(named), _squeezed(own), _squeezed(host_label(host))
    return one in other or other in one or (len(label) > 3 and label in one and label in other)
