"""E-mail addresses as pages print them: cut free of the words glued to them; what is cloaked on purpose stays cloaked."""

import re
from collections.abc import Iterator

from market_db.values.emails import is_role
from market_db.values.websites import registrable_domain
from spiders.extract import cues

MAX_LINE = 3_000
EMAIL = re.compile(r"(?<![a-z0-9_.+%=@-])[a-z0-9+][\w.+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}(?!@)", re.IGNORECASE | re.ASCII)
_IN_ADDRESS = re.compile(r"(?://|\?)\S{0,300}$")
"""What stands before an address that is a part of a link."""
_NUMBER_BEFORE = re.compile(r"^\+?\d[\d.-]{4,}(?=[a-z])", re.IGNORECASE)
_LABEL_BEFORE = re.compile(r"^(?:e-?mail|mail)[.-]?(?=[a-z])", re.IGNORECASE)
_SITE_BEHIND = re.compile(r"(@.*\.[a-z]{2,4}?)(?:www\.|https?).*$", re.IGNORECASE)
_CAPITAL_BEHIND = re.compile(r"(?<=[a-z]{2})[A-Z].*$")
_WORD_BEHIND = re.compile(
    r"(?<=[a-z]{2})(?:tel|telp|telefon|phone|fax|mobile?|whatsapp|www|https?|e?mail|web|website|skype|address|copyright).*$", re.IGNORECASE
)
_PLACEHOLDER = re.compile(
    r"^(?:(?:your|ihre?|votre|tu|su|seu|vas|twoj|deine?|jouw|uw|din)[._-]?(?:name|e?-?mail|adresse|nombre|correo|nom|adres\w*)?|name|firstname|"
    r"(?:first|vor)name[._-]?(?:last|nach)?name|e?-?mail(?:address|adresse)|user(?:name)?|example|beispiel|exemple|ejemplo|esempio|someone|"
    r"somebody|test\d*|xxx+|nombre|nom|nome|imie|jmeno|abc|aaa+|foo|bar|john\.?doe|jane\.?doe|max\.?mustermann|mustermann)@"
    r"|@(?:domain|example|email|e-mail|yourdomain|your-?domain|your-?company|your-?site|yoursite|mydomain|test|company|mail|site|sentry|"
    r"domaine|dominio|domena|beispiel|exemple|ejemplo|firma|xxx+|abc|sample|none|nowhere)\.(?!example$)[a-z]{2,4}(?:\.[a-z]{2})?$"
    r"|no-?spam|remove-?this|entfernen",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|css|js|ico|bmp|pdf|html?|php|aspx?)$|@\dx\.", re.IGNORECASE)
BOILERPLATE: frozenset[str] = frozenset(cues.contact_words()["boilerplate"]["domains"])
"""Domains of shop software, licences and complaint boards whose addresses stand in templates, never the firm's own."""


def emails_in(text: str) -> Iterator[str]:
    """Addresses of a text in printed order, without placeholders, file names and boilerplate."""
    text = text[:MAX_LINE]
    for match in EMAIL.finditer(text):
        if _IN_ADDRESS.search(text, max(0, match.start() - 300), match.start()):
            continue
        address = _freed(match.group())
        if address and _is_business(address):
            yield address


def _freed(printed: str) -> str | None:
    """The address without what is glued to it; None where its domain cannot exist."""
    local, _, host = _SITE_BEHIND.sub(r"\1", printed).partition("@")
    local = _NUMBER_BEFORE.sub("", local).lstrip("+")
    bare = _LABEL_BEFORE.sub("", local)
    if bare != local and is_role(f"{bare}@{host}"):
        local = bare
    stem, dot, ending = host.rpartition(".")
    for cut in (ending, _CAPITAL_BEHIND.sub("", ending), _WORD_BEHIND.sub("", ending)):
        if registrable_domain(f"{stem}{dot}{cut}") and (cut != ending or len(ending) < 12):
            return f"{local}@{stem}{dot}{cut}" if local else None
    return None


def _is_business(address: str) -> bool:
    domain = address.lower().rpartition("@")[2]
    boilerplate = any(domain == known or domain.endswith("." + known) for known in BOILERPLATE)
    return not (boilerplate or _PLACEHOLDER.search(address) or _FILE.search(address))
