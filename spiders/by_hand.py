"""What is not crawled: boards with ready search links, and readers of the lists that advisors download or keep themselves."""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from market_db.products import ProductType
from market_db.reference import role_keys, role_label
from market_db.seen import Notice, Party, Registration, Seen
from market_db.values.dates import read_date
from market_db.values.text import fold
from spiders.base.refusals import listed_refusal
from spiders.base.tables import Columns, Row, table_rows
from spiders.reading import Issue, Rejected

FILE = Path(__file__).with_name("presets.toml")
RECORDS = ("registration", "notice", "shipment", "refusal")
LINK = ("http://", "https://")


class BadPreset(ValueError):
    """Raised by `load_presets`; the message names file, preset and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A board or kind of list: how people search it, and how the columns of its lists are headed."""

    name: str
    record: str
    """registration, notice, shipment or refusal."""
    titles: Mapping[str, str]
    """Language -> title."""
    why: Mapping[str, str]
    """Language -> why it is not crawled."""
    columns: Columns
    home: str = ""
    """Front page; empty for lists of one's own."""
    search: str = ""
    """Address of its search; {q} is the term."""
    kind: str = "rfq"
    """Kind of its notices."""
    dropped: tuple[str, ...] = field(default=())
    """Headings that hold persons."""

    @property
    def source(self) -> str:
        """Name of the source its rows come from."""
        return f"import:{self.name}"


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that became a record."""

    number: int
    """Row of the file below its header, from 1; empty rows are not counted."""
    record: Seen


@dataclass(frozen=True, slots=True)
class Left:
    """A row that did not."""

    number: int
    reason: str


@cache
def load_presets() -> dict[str, Preset]:
    """Presets by name. Raises BadPreset."""
    rows = tomllib.loads(FILE.read_text("utf-8"))["preset"]
    by_name = {row["name"]: row for row in rows}
    if len(by_name) != len(rows):
        raise BadPreset(f"{FILE.name}: a name is used twice")
    return {name: _preset(row, by_name) for name, row in by_name.items()}


def _preset(row: Mapping[str, Any], by_name: Mapping[str, Mapping[str, Any]]) -> Preset:
    form = {**by_name[row["like"]], **row} if "like" in row else row
    try:
        columns = Columns(names=form["columns"], required=form["required"], ignored=form["drop"], ends_line=False)  # typed by hand
        preset = Preset(
            name=row["name"],
            record=form["record"],
            titles={"id": row["title_id"], "en": row["title_en"]},
            why={"id": row["why_id"], "en": row["why_en"]},
            columns=columns,
            home=row.get("home", ""),
            search=row.get("search", ""),
            kind=form.get("kind", "rfq"),
            dropped=tuple(form["drop"]),
        )
    except KeyError as error:
        raise BadPreset(f"{FILE.name}: {row.get('name', '?')}: {error.args[0]}: missing") from error
    if preset.record not in RECORDS:
        raise BadPreset(f"{FILE.name}: {preset.name}: record: one of {', '.join(RECORDS)}")
    return preset


def search_links(preset: Preset, product: ProductType, languages: Iterable[str] = ("en",)) -> Iterator[tuple[str, str]]:
    """(term, address) for the product's first term in each language; one address where the board takes no term."""
    if "{q}" not in preset.search:
        if preset.search:
            yield "", preset.search
        return
    for language in languages:
        for term in product.terms.get(language, ())[:1]:
            yield term, preset.search.replace("{q}", quote(term, safe=""))


def read_list(
    file: BinaryIO, preset: Preset, *, name: str, country: str | None = None, sheet: str | None = None
) -> Iterator[Taken | Left | Issue]:
    """Records of an advisor's file; `name` is the file's, `country` (ISO 3166-1 alpha-2) holds where no column says another.

    Issues: `new_header` for columns that are not read, `missing_header` for those the file lacks. Raises BadAnswer.
    """
    number = 0
    for row in table_rows(file, preset.columns, sheet=sheet):
        if isinstance(row, Issue):
            yield row
            continue
        number += 1
        if isinstance(row, Rejected):
            yield Left(number, row.reason)
            continue
        lacking = [preset.columns.names[wanted][0] for wanted in preset.columns.required if not row.get(wanted)]
        if lacking:
            yield Left(number, f"no {', '.join(lacking)}")
            continue
        yield Taken(number, _record(row, preset, f"file:{quote(name)}#{number}", country))


def _record(row: Row, preset: Preset, place: str, country: str | None) -> Seen:
    """The record a row amounts to; rows without an id are named by what they say, so that twice is harmless."""
    link = row.get("link", "")
    url = link if link.startswith(LINK) else place
    if preset.record == "refusal":
        return listed_refusal(row, _key(row, ("origin", "date", "product", "category", "charges"), country), url)
    if preset.record == "notice":
        names: tuple[str, ...] = ("title", "country", "published", "quantity", "link")
        return _notice(row, preset, _key(row, names, country), url, country)
    names = ("name", "country", "city", "address", *(("period", "hs") if preset.record == "shipment" else ()))
    return _registration(row, preset, _key(row, names, country), url, country)


def _key(row: Row, names: tuple[str, ...], country: str | None) -> str:
    """The list's own id, else a hash of the cells that name the row."""
    folded = "\x1f".join(fold(row.get(name, "") or (country if name == "country" else "") or "") for name in names)
    return row.get("id") or hashlib.blake2b(folded.encode(), digest_size=10).hexdigest()


def _registration(row: Row, preset: Preset, key: str, url: str, country: str | None) -> Registration:
    shipped = preset.record == "shipment"
    said = row.get("role", "")
    role = "importer" if shipped else role_of(said)
    proof = f"consignee of a shipment: {row.get('activity') or row.get('hs') or '-'}" if shipped else said
    party = Party(
        name=row["name"],
        role=role,
        role_proof=proof[:500] if role else None,
        country_text=row.get("country") or country,
        region=row.get("region") or None,
        city=row.get("city") or None,
        address=row.get("address") or None,
        postcode=row.get("postcode") or None,
        website=row.get("website") or None,
        phones_text=_parts(row.get("phones", "")),
        emails_text=_parts(row.get("emails", "")),
    )
    digits = "".join(char for char in row.get("hs", "") if char.isdigit())
    return Registration(
        key=key,
        party=party,
        url=url,
        activity_text=row.get("activity") or None,
        product_codes=(f"hs:{digits}",) if len(digits) >= 4 else (),
        periods=_periods(row.get("period", "")),
    )


def _periods(text: str) -> tuple[str, ...]:
    """YYYY-MM of a date; nothing where day and month cannot be told apart."""
    day = read_date(text) if text else None
    return (day[:7],) if day else ()


def _notice(row: Row, preset: Preset, key: str, url: str, country: str | None) -> Notice:
    buyer = row.get("buyer", "")
    return Notice(
        key=key,
        kind=preset.kind,
        title=row["title"],
        url=url,
        description=row.get("description") or None,
        published_text=row.get("published") or None,
        deadline_text=row.get("deadline") or None,
        quantity_text=row.get("quantity") or None,
        country_text=row.get("country") or country,
        parties=(Party(name=buyer, country_text=row.get("country") or country),) if buyer else (),
    )


def role_of(text: str) -> str | None:
    """Role named in a cell, in Indonesian or English; None where it names none."""
    folded = fold(text)
    return next((key for key in role_keys() if folded and folded in (key, fold(role_label(key, "id")), fold(role_label(key, "en")))), None)


def _parts(text: str) -> tuple[str, ...]:
    """Several numbers or addresses in one cell."""
    for sign in (";", "|", "\n"):
        text = text.replace(sign, ",")
    return tuple(part.strip() for part in text.split(",") if part.strip())
