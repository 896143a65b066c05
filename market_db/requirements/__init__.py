"""What a destination, and Indonesia itself, ask of a product: short, with authority, link and the day it was checked; no legal advice."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from market_db.edited_toml import BadTable, Table, read_table
from market_db.products import ProductType
from market_db.values.places import iso3

FOLDER = Path(__file__).parent
KINDS = ("registration", "permit", "certificate", "label", "additive", "contaminant", "halal", "tariff_pref", "doc", "facility")
SIDES = ("origin", "destination")
STATES = ("verified", "needs_check")
CHECK_AFTER = timedelta(days=180)
"""Rules change about twice a year: what was checked longer ago is to be checked again."""
MOST_TEXT, MOST_QUOTE = 400, 25
"""Characters of our own wording; words quoted from the source."""
_WORDING = ("title_id", "title_en", "text_id", "text_en")
_FIELDS = (
    *("key", "kind", "side", "products", "hs_prefix", "authority", "legal_ref", "url", "source_quote"),
    *("checked_on", "valid_from", "valid_to", "status"),
    *_WORDING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One thing that is asked of a product."""

    key: str
    countries: tuple[str, ...]
    """ISO 3166-1 alpha-2 of the destinations; empty = wherever it goes (Indonesia's own side, Codex)."""
    kind: str
    """One of KINDS."""
    side: str
    """origin = asked in Indonesia, destination = asked over there."""
    products: tuple[str, ...] = ()
    """Product types; empty = every product under `hs_prefix`."""
    hs_prefix: tuple[str, ...] = ()
    """Beginnings of HS codes; empty = every food."""
    title_id: str
    title_en: str
    text_id: str
    text_en: str
    authority: str
    legal_ref: str = ""
    url: str
    source_quote: str = ""
    checked_on: date
    valid_from: date | None = None
    valid_to: date | None = None
    status: str
    """verified (read in the official text) or needs_check, as its table says."""

    def state(self, today: date) -> str:
        """verified, needs_check or expired on a day; what was checked more than 180 days ago needs a check."""
        if self.valid_to is not None and self.valid_to < today:
            return "expired"
        return "needs_check" if today - self.checked_on > CHECK_AFTER else self.status

    @property
    def next_check(self) -> date:
        """Until when somebody should look again."""
        return self.checked_on + CHECK_AFTER

    def about(self, product: ProductType) -> bool:
        """Whether it holds for a product."""
        if self.products and product.key not in self.products:
            return False
        return not self.hs_prefix or any(code.startswith(prefix) for code in product.hs for prefix in self.hs_prefix)


def requirements_of(product: ProductType, country: str, folder: Path | None = None) -> tuple[Requirement, ...]:
    """What is asked of a product on its way to a country: Indonesia's side first, then by kind in the order of KINDS.

    `folder` is a home's own `requirements/`: a file there replaces the shipped one of its name. Raises BadTable.
    """
    found = [one for one in all_requirements(folder) if one.about(product) and (not one.countries or country in one.countries)]
    return tuple(sorted(found, key=lambda one: (SIDES.index(one.side), KINDS.index(one.kind), one.key)))


def destinations(folder: Path | None = None) -> frozenset[str]:
    """Countries that the tables say anything particular about: for all others nothing is known, which is not "nothing is asked"."""
    return frozenset(country for one in all_requirements(folder) for country in one.countries)


def all_requirements(folder: Path | None = None) -> tuple[Requirement, ...]:
    """Every requirement of the tables. Raises BadTable with file, line and key."""
    own = {path.name: path for path in sorted(folder.glob("*.toml"))} if folder and folder.is_dir() else {}
    if not own:
        return _shipped()
    shipped = {path.name: path for path in sorted(FOLDER.glob("*.toml"))}
    return _once(one for path in {**shipped, **own}.values() for one in load_requirements(path))


@cache
def _shipped() -> tuple[Requirement, ...]:
    return _once(one for path in sorted(FOLDER.glob("*.toml")) for one in load_requirements(path))


def _once(found: Iterable[Requirement]) -> tuple[Requirement, ...]:
    known: dict[str, Requirement] = {}
    for one in found:
        if one.key in known:
            raise BadTable(f"requirements: {one.key} stands in two tables; keys must differ")
        known[one.key] = one
    return tuple(known.values())


def load_requirements(path: Path) -> Iterator[Requirement]:
    """The requirements of one file: `countries` (empty = everywhere), then [[requirement]] tables. Raises BadTable."""
    table = read_table(path)
    table.only("countries", "requirement")
    countries = table.list_of_words("countries")
    for code in countries:
        if iso3(code) is None or len(code) != 2 or not code.isupper():
            raise table.wrong("countries", f"codes such as NL (ISO 3166-1 alpha-2) expected, not {code!r}")
    for one in table.groups("requirement"):
        yield _requirement(one, countries)


def _requirement(table: Table, countries: tuple[str, ...]) -> Requirement:
    table.only(*_FIELDS)
    url = table.words("url")
    if not url.startswith("https://"):
        raise table.wrong("url", f"a link that begins with https:// expected, not {url!r}")
    quote = table.words("source_quote", default="")
    if len(quote.split()) > MOST_QUOTE:
        raise table.wrong("source_quote", f"at most {MOST_QUOTE} words expected")
    checked = table.day("checked_on", needed=True)
    assert checked is not None
    return Requirement(
        countries=countries,
        key=table.words("key"),
        kind=table.one_of("kind", KINDS),
        side=table.one_of("side", SIDES, "destination"),
        products=table.list_of_words("products"),
        hs_prefix=table.list_of_words("hs_prefix"),
        authority=table.words("authority"),
        legal_ref=table.words("legal_ref", default=""),
        url=url,
        source_quote=quote,
        checked_on=checked,
        valid_from=table.day("valid_from"),
        valid_to=table.day("valid_to"),
        status=table.one_of("status", STATES),
        **_wording(table),
    )


def _wording(table: Table) -> Mapping[str, str]:
    return {name: table.words(name, most=MOST_TEXT) for name in _WORDING}
