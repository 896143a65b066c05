"""Listings of a measuring file as identity sees them: loose phones, domains and countries of columns that the caller names."""

import csv
import multiprocessing
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import phonenumbers

from market_db.values.places import country_of_phone, read_country
from market_db.values.websites import is_shared_domain, registrable_domain
from pipelines.companies.cores import SHARED_FROM
from pipelines.companies.looks import Look, look_of
from scripts.measuring import CannotMeasure

COLUMNS = ("name", "address", "city", "country", "phone", "website", "email", "source", "truth", "day")
"""What a column may be; the generator calls the truth `company_id`."""
GENERATED = {"truth": "company_id"}
NEEDED = ("name", "truth")
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
            rows = csv.DictReader(line.replace("\0", "") for line in file)
            _demand(path, names, rows.fieldnames or ())
            values: list[dict[str, str]] = []
            for row in rows:
                value = {name: (row.get(column) or "").strip() for name, column in names.items()}
                values.append(value)
                found.truth.append(value["truth"])
                found.days.append(int(value["day"]) if value["day"].isdigit() else 0)
    except (OSError, csv.Error) as error:
        raise CannotMeasure(f"{path}: {error}") from error
    found.looks.extend(_looks(values))
    return found


def _looks(values: Sequence[Mapping[str, str]]) -> list[Look]:
    """Looks of all rows; many are shared out to a process a core."""
    if len(values) < SHARED_FROM or "fork" not in multiprocessing.get_all_start_methods():
        return [_look(value) for value in values]
    with multiprocessing.get_context("fork").Pool() as pool:
        return pool.map(_look, values, chunksize=5_000)


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
        domain = registrable_domain(text) if text else None
        if domain and not is_shared_domain(domain):
            return domain
    return ""
