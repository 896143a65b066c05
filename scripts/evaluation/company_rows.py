"""Listings of a measuring file as identity sees them: loose phones, domains and countries of columns that the caller names."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import phonenumbers

from market_db.rows import batched
from market_db.values.places import country_of_phone, read_country
from market_db.values.websites import host_of, is_shared_domain, registrable_domain
from pipelines.companies.cores import shared_out
from pipelines.companies.looks import Look, look_of
from scripts.evaluation.measuring import CannotMeasure

COLUMNS = ("name", "address", "city", "country", "phone", "website", "email", "source", "truth", "day")
"""What a column may be; the generator calls the truth `company_id`."""
GENERATED = {"truth": "company_id"}
NEEDED = ("name", "truth")
AT_ONCE = 10_000
"""Rows that are read at a time."""
BYTES_A_ROW = 150
"""Of a row, about: how many there are must be known before they are read."""
_TAIL = re.compile(r"(?:ext\.?|x)\s*\d+\s*$|/.*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Labelled:
    """Listings with the company each belongs to."""

    looks: list[Look] = field(default_factory=list)
    truth: list[str] = field(default_factory=list)
    days: list[int] = field(default_factory=list)
    """Night each first appears, 0 where the file has no such column."""


def read_labelled(path: Path, columns: Mapping[str, str] | None = None) -> Labelled:
    """All rows of a CSV. Raises CannotMeasure where it cannot be read or a column is missing."""
    names = {**{name: GENERATED.get(name, name) for name in COLUMNS}, **(columns or {})}
    found = Labelled()
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = csv.reader(line.replace("\0", "") for line in file)
            header = next(rows, [])
            _demand(path, names, header)
            places = {name: header.index(column) for name, column in names.items() if column in header}
            for part in shared_out(_labelled, places, batched(rows, AT_ONCE), size=path.stat().st_size // BYTES_A_ROW):
                found.looks.extend(part.looks)
                found.truth.extend(part.truth)
                found.days.extend(part.days)
    except (OSError, csv.Error) as error:
        raise CannotMeasure(f"{path}: {error}") from error
    return found


def _labelled(places: Mapping[str, int], rows: Sequence[Sequence[str]]) -> Labelled:
    """Looks of some rows; what a short row does not have is empty, an empty line is no row."""
    found = Labelled()
    for row in rows:
        if row:
            value = {name: row[places[name]].strip() if name in places and places[name] < len(row) else "" for name in COLUMNS}
            found.looks.append(_look(value))
            found.truth.append(value["truth"])
            found.days.append(int(value["day"]) if value["day"].isdigit() else 0)
    return found


def _demand(path: Path, names: Mapping[str, str], header: Sequence[str]) -> None:
    missing = [names[name] for name in NEEDED if names[name] not in header]
    if missing:
        raise CannotMeasure(f"{path}: no column {', '.join(missing)} (it has {', '.join(header)}); name it with --column name=COLUMN")


def _look(value: Mapping[str, str]) -> Look:
    country = _country(value["country"])
    phone = _phone(value["phone"], country) if value["phone"] else ""
    return look_of(
        value["name"],
        country=country or (phone.startswith("+") and country_of_phone(phone)) or "",
        city=value["city"],
        address=value["address"],
        phones=(phone,) if phone else (),
        domain=_domain(value["website"], value["email"]),
        source=value["source"],
    )


@lru_cache(maxsize=1000)
def _country(text: str) -> str:
    return (read_country(text) or "") if text else ""


def _phone(text: str, country: str) -> str:
    """E.164 without asking whether the number is given out; bare digits where the country is not known."""
    raw = _TAIL.sub("", text).strip()
    raw = "+" + raw[2:] if raw.startswith("00") else raw
    try:
        number = phonenumbers.parse(raw, country or None)
    except phonenumbers.NumberParseException:
        digits = re.sub(r"\D", "", raw)
        return digits if len(digits) >= 6 and set(digits) != {"0"} else ""
    return f"+{number.country_code}{number.national_number}"


def _domain(website: str, email: str) -> str:
    for text in (website, email.rpartition("@")[2]):
        domain = _own_domain(host_of(text) or "") if text else ""
        if domain:
            return domain
    return ""


@lru_cache(maxsize=50_000)
def _own_domain(host: str) -> str:
    domain = registrable_domain(host)
    return domain if domain and not is_shared_domain(domain) else ""
