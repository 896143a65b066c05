"""Which of a page's many names is the product's, and which the shop's."""

import re
from collections.abc import Iterable, Iterator

from lxml import etree
from lxml.html import HtmlElement

from market_db.values.names import legal_form
from market_db.values.text import clean, fold
from spiders.extract import cues
from spiders.extract.document import Document
from spiders.extract.nodes import text_of
from spiders.extract.text import MAX_NAME, own_text

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
_LABELLED = re.compile(r"\s+[\w.-]{2,15}\s?[:#№]\s*[\w./-]{2,25}$")
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|&copy;|copyright)[\s,:-]*(?:©|\(c\))?\s*(?:copyright\s*)?"
    r"(?:(?:19|20)\d\d(?:\s*[-–—]\s*(?:(?:19|20)?\d\d))?)?[\s,.:-]*(?:by\s+)?(.{2,90})",
    re.IGNORECASE,
)
_COPYRIGHT_END = re.compile(
    r"(?<!\bSp)(?<!\bCo)(?<!\bInc)(?<!\bLtd)(?<!\bz)\.\s|[，。]|版權|版权|\s[-–—|•·]\s|\||\s(?:19|20)\d\d|©"
    r"|,?\s*(?:all rights|alle rechte|tous droits|todos (?:los|os)|tutti i diritti|все права|wszelkie|p\.?\s?iva)"
    r"|\s(?:or its|ou ses|o sus|o società|und|oder)\s",
    re.IGNORECASE,
)
_LOGO = etree.XPath("(//*[contains(translate(concat(@class,' ',@id),'LOG','log'),'logo')]/descendant-or-self::img[@alt])[position() <= 4]")
_SELLER_CUES = (
    "seller-name",
    "sellername",
    "company-name",
    "companyname",
    "vendor-name",
    "merchant-name",
    "supplier-name",
    "sold-by",
    "soldby",
)
_SELLER = etree.XPath(
    "//*[self::a or self::span or self::div or self::p or self::h2 or self::h3]["
    + " or ".join(
        f"contains(translate(concat(@class,' ',@id),'SELRCOMPANYVDTHU_','selrcompanyvdthu-'),'{cue}')"
        for cue in (
            "seller-name",
            "sellername",
            "company-name",
            "companyname",
            "vendor-name",
            "merchant-name",
            "supplier-name",
            "sold-by",
            "soldby",
        )
    )
    + "]"
)
_DOMAIN = re.compile(r"^(?:www\.)?[\w-]+(?:\.[^\W\d]{2,10}){1,2}$|^www\.", re.IGNORECASE)
_LEGAL = re.compile(
    r"(?<![\w.])(?:gmbh|inc|ltd|llc|llp|corp|limited|s\.?r\.?l|s\.?p\.?a|b\.?v|n\.?v|sp\.? z o\.? ?o|a/s|aps|kft|ооо|тоо|oyj?|plc|pty|e\.u|"
    r"ag|ab|asa|kg|ohg|sarl|sas|"
    r"s\.? ?r\.? ?o|d\.? ?o\.? ?o|eood|еоод|оод|m\.b\.h|sdn|bhd|pte)(?!\w)|株式会社|有限公司|주식회사|^pt\s|^cv\s",
    re.IGNORECASE,
)
"""Legal forms that are no words of their own ("me", "sd", "ii" are forms somewhere and words everywhere)."""
_TAGLINE = re.compile(r"\s*[|｜»]\s*|\s[-–—:]\s")
_LOGO_WORD = re.compile(r"\blogo\b", re.IGNORECASE)
_ADDRESSED = re.compile(
    r"\b(?:address|adresse|anschrift|dirección|endereço|indirizzo|adres)\s*:\s*([^\W\d][^\d:]{3,60}?),?\s+\d", re.IGNORECASE
)
_LEGAL_LINE = 60
"""Characters of the longest line that is a legal name and nothing else."""
BELIEVED = 0.3
"""Score below which a name is a headline as likely as a firm."""
_GENERIC = re.compile(r"^(?:logo|home|startseite|www|shop|index|online shop|главная|welcome.*|your .*|company)$", re.IGNORECASE)


def product_name(doc: Document, structured: str | None) -> tuple[str | None, HtmlElement | None]:
    """Name without SEO tails and label suffixes, and the heading that shows it (None where no heading does)."""
    page_titles = [fold(t, MAX_NAME) for t in (doc.title, doc.metas.get("og:title", ""), structured or "") if t]
    heading = _heading(doc, page_titles)
    shown = _unlabelled(heading[1], doc.metas.get("og:title"), doc.title) if heading else None
    element = heading[0] if heading else None
    if structured:
        structured = _unprefixed(structured, doc)
        tailed = shown and len(structured) > max(80, 1.6 * len(shown)) and fold(structured, MAX_NAME).startswith(fold(shown, MAX_NAME)[:30])
        return (shown if tailed else structured), element
    if shown:
        return _unprefixed(shown, doc), element
    return _from_titles(doc), None


def _heading(doc: Document, titles: Iterable[str]) -> tuple[HtmlElement, str] | None:
    """The first-level heading that the title repeats; a lone one is believed anyway."""
    titles = list(titles)
    for element, text in doc.headings:
        folded = fold(text, MAX_NAME)
        if len(folded) > 2 and any(folded[:60] in title or (len(title) > 8 and title in folded) for title in titles):
            return element, text
    similar = [h for h in doc.headings if any(_shared_words(h[1], title) >= (0.6 if len(doc.headings) < 3 else 0.85) for title in titles)]
    return similar[0] if similar else (doc.headings[0] if len(doc.headings) == 1 else None)


def _shared_words(text: str, title: str) -> float:
    words = set(re.findall(r"\w+", fold(text, MAX_NAME)))
    return len(words & set(re.findall(r"\w+", title))) / len(words) if words else 0.0


def _unlabelled(shown: str, *titles: str | None) -> str:
    """Without "Code: 01245" behind the name, where a title has the name alone."""
    bare = _LABELLED.sub("", shown)
    return bare if bare != shown and any(title and fold(title, MAX_NAME).startswith(fold(bare, MAX_NAME)) for title in titles) else shown


def _unprefixed(name: str, doc: Document) -> str:
    """Without a label before it ("Details about ..."), where the page's title has the name alone."""
    titles = (doc.title, doc.metas.get("og:title", ""))
    if any(name in title for title in titles):
        return name
    for title in titles:
        alone = cues.SHARE_TITLE.split(title)[0] if title else ""
        if 8 <= len(alone) < len(name) and name.endswith(alone):
            return alone
    return name


def _from_titles(doc: Document) -> str | None:
    """What title and og:title have in common, else the title without the site's name."""
    shared = doc.metas.get("og:title")
    if shared and doc.title and (common := _common(shared, doc.title)):
        return common
    parts = [part for part in cues.SHARE_TITLE.split(shared or doc.title) if part and not _is_site(part, doc)]
    return clean(parts[0], MAX_NAME) if parts else None


def _common(one: str, other: str) -> str | None:
    """Longest run of characters both titles share, cut at separators; None where it is less than half of the shorter."""
    from difflib import SequenceMatcher

    one, other = one[:MAX_NAME], other[:MAX_NAME]
    match = SequenceMatcher(None, one, other, autojunk=False).find_longest_match()
    text = one[match.a : match.a + match.size].strip(" -–—|:»›·,")
    return clean(text, MAX_NAME) if len(text) >= 0.5 * min(len(one), len(other)) else None


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]", "", fold(text, MAX_NAME))


def host_label(host: str) -> str:
    """The telling label of a host: cheesehouse of www.cheesehouse.com."""
    labels = [label for label in host.split(".")[:-1] if label not in ("www", "shop", "store", "m", "co", "com", "net", "org", "de", "en")]
    return max(labels, key=len, default="")


def _is_site(text: str, doc: Document) -> bool:
    squeezed = _squeezed(text)
    names = {_squeezed(doc.metas.get("og:site_name", "")), _squeezed(doc.host), _squeezed(host_label(doc.host))} - {""}
    return squeezed in names or _squeezed(host_label(doc.host) or "-") == squeezed


def shop_name(doc: Document) -> str | None:
    """The business behind the page: named by several places or like its domain; legal names win."""
    found: dict[str, tuple[float, str]] = {}
    for weight, text in _shop_names(doc):
        name = _TAGLINE.split(_LOGO_WORD.sub("", clean(text, 120)))[0].strip(" -–—|:,®™/")
        name = name if _legal(name) else name.rstrip(".")
        squeezed = _squeezed(name)
        if not 2 <= len(squeezed) <= 60 or _GENERIC.match(name) or name.lower().startswith("www."):
            continue
        score, kept = found.get(squeezed, (_fitness(name, squeezed, doc), name))
        found[squeezed] = (score + weight, kept)
    best = max(found.values(), key=lambda pair: pair[0], default=(0.0, ""))
    return best[1] if best[0] >= BELIEVED else None


def _legal(name: str) -> bool:
    return bool(_LEGAL.search(name)) and legal_form(name) is not None


def _fitness(name: str, squeezed: str, doc: Document) -> float:
    """What speaks for a name by itself: a legal form, likeness to the domain without being the domain, brevity."""
    legal = _legal(name)
    likeness = 0.0 if _DOMAIN.search(name) else _likeness(squeezed, doc, 5 if legal else 3)
    return likeness + 1.0 * legal - 0.02 * len(name) - 1.0 * bool(_DOMAIN.search(name))


def _likeness(squeezed: str, doc: Document, times: int) -> float:
    """How well a name fits the domain; 0 to 2.5."""
    label = _squeezed(host_label(doc.host))
    if not label or label == squeezed:
        return 2.5 * bool(label)
    return 2.0 if len(label) > 3 and (label in squeezed or squeezed in label) and len(squeezed) < times * len(label) else 0.0


def _shop_names(doc: Document) -> Iterator[tuple[float, str]]:
    for graph in (doc.jsonld, doc.microdata):
        for node in graph.of(ORGANISATIONS):
            for key, weight in (("legalname", 3.0), ("name", 1.5)):
                if text := text_of(node.get(key)):
                    yield weight - 1.5 * (fold(text) == fold(doc.title)), text
    if site := doc.metas.get("og:site_name"):
        yield 1.5, site
    for text in copyright_names(doc):
        yield 2.0, text
    for part in cues.SHARE_TITLE.split(doc.title):
        yield 0.4, part
    yield from _line_names(doc)
    for image in [] if doc.root is None else _LOGO(doc.root):
        yield 1.0, image.get("alt", "")


def _line_names(doc: Document) -> Iterator[tuple[float, str]]:
    """Lines that are a legal name or the domain's label in words, and names before a street number."""
    label = _squeezed(host_label(doc.host))
    for line in doc.lines:
        if (match := _ADDRESSED.search(line[:400])) and len(match.group(1).split()) > 1:
            yield 1.0, match.group(1)
        if len(line) > _LEGAL_LINE or "©" in line or "@" in line:
            continue
        if line[0].isalpha() and _legal(line):
            yield 0.5, line
        elif len(line) <= len(label) + 8 and label == _squeezed(line):
            yield 0.2, line


def copyright_names(doc: Document) -> Iterator[str]:
    """Names in copyright lines, the last ones first: that of the shop stands at the foot of the page."""
    for line in reversed(doc.lines[-60:]):
        match = _COPYRIGHT.search(line[:300])
        if match:
            name = _COPYRIGHT_END.split(match.group(1))[0]
            if name and any(char.isalpha() for char in name):
                yield name


def shown_seller(doc: Document) -> str | None:
    """Seller that a marketplace names beside the product, where it names just one."""
    found: dict[str, None] = {}
    lower = doc.lower.replace("_", "-")
    if not any(cue in lower for cue in _SELLER_CUES):
        return None
    for element in [] if doc.root is None else _SELLER(doc.root)[:20]:
        text = own_text(element, 90)
        text = text.rpartition(":")[2].strip()
        if 2 < len(text) <= 80:
            found[text] = None
    return next(iter(found)) if len(found) == 1 else None


def same_shop(named: str, own: str | None, host: str) -> bool:
    """Whether two names are of one firm: one holds the other, or both hold the label of the host."""
    if own is None:
        return False
    one, other, label = _squeezed(named), _squeezed(own), _squeezed(host_label(host))
    return one in other or other in one or (len(label) > 3 and label in one and label in other)
