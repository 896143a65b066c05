"""The daily file of Open Food Facts: every product of a type, and what share of a country's catalogue such products are, in one reading."""

import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import BinaryIO, cast

from scrapy.http import Request

from market_db.products import ProductType, load_products
from spiders.base.bulk_file import BulkFileSpider
from spiders.base.json_api import clean_text
from spiders.base.off_products import HALAL, Shown, counted, countries_of, is_of, listings
from spiders.reading import Answer, BadAnswer, Issue, Read, Reading, Rejected, day_of
from spiders.source import Expect, Pace, Source

FILE = "https://static.openfoodfacts.org/data/en.openfoodfacts.org.products.csv.gz"
COLUMNS = ("code", "product_name", "quantity", "brands", "categories_tags", "origins", "manufacturing_places", "labels_tags", "stores")
COUNTRIES = "countries_tags"
NEEDED = ("code", "product_name", "categories_tags", COUNTRIES)
MAX_LINE = 1_000_000
"""Bytes of one product: the largest are a tenth of it. A longer line is a broken file."""
MAX_UNPACKED = 60_000_000_000
"""Bytes of the whole when unpacked, five times what it is: more is a bomb."""


class OpenFoodFactsDump(BulkFileSpider):
    """One file of about a gigabyte, asked in parts and read as it unpacks; all but the products wanted is only counted."""

    name = "open_food_facts_dump"
    about = Source(
        title="Open Food Facts: daily file of all products",
        publisher="Open Food Facts",
        home="https://world.openfoodfacts.org/data",
        licence="ODbL 1.0",
        attribution="© Open Food Facts contributors, Open Database License (ODbL) 1.0",
        terms_url="https://world.openfoodfacts.org/terms-of-use",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("static.openfoodfacts.org",),
        roles=("retailer",),
        personal_data="the column of contributors is never read; shops are named, persons are not",
        every=timedelta(days=7),
        expect=Expect(least=500, most=200_000),
        pace=Pace(delay=2.0, max_requests=400, max_items=200_000, max_bytes=3_000_000_000, max_seconds=4 * 3_600),
        api=True,
        share_alike=True,
        enabled=False,
        note="About a gigabyte: switch it on (`tembus sources approve`) where the line and the disk bear it, instead of open_food_facts. "
        "Not archived; evidence is the file's SHA-256.",
    )

    def first_requests(self) -> Iterator[Request]:
        """The file, where a product type has categories."""
        if any(product.off_categories for product in self.products):
            yield self.ask_file(FILE)

    def read_file(self, file: BinaryIO, url: str) -> Reading:
        """Listings as they come, then the counts of every country."""
        return read_dump(file, url, [product for product in self.products if product.off_categories], self.as_of)

    def read(self, answer: Answer) -> Reading:
        """A small file at once (fixtures, and what an operator cut out of the large one)."""
        known = [product for product in load_products().values() if product.off_categories]
        return read_dump(io.BytesIO(answer.body), answer.url, known, day_of(answer, self.as_of))


@dataclass(slots=True)
class _Counts:
    """Products by country: of all kinds, of each type, and with the halal label."""

    products: Sequence[ProductType]
    of_all: Counter[str] = field(default_factory=Counter)
    of_type: dict[str, Counter[str]] = field(default_factory=dict)
    halal: dict[str, Counter[str]] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Cell of country tags -> countries: there are some thousand different ones, and millions of rows."""

    def add(self, row: Mapping[str, str]) -> list[str]:
        """Count a product; gives the types it is of."""
        cell = row[COUNTRIES]
        if cell not in self.names:
            self.names[cell] = countries_of(cell.split(","))
        self.of_all.update(self.names[cell])
        categories = row["categories_tags"].split(",")
        types = [product.key for product in self.products if is_of(product, categories)]
        for key in types:
            self.of_type.setdefault(key, Counter()).update(self.names[cell])
            if HALAL in row.get("labels_tags", "").split(","):
                self.halal.setdefault(key, Counter()).update(self.names[cell])
        return types

    def observations(self, period: str, url: str) -> Iterator[Read]:
        """Every country of the catalogue, with 0 where no such product stands in it."""
        for country, products in sorted(self.of_all.items()):
            yield counted("catalogue_products", country, period=period, value=products, url=url)
            for product in self.products:
                none = Counter[str]()
                found, halal = self.of_type.get(product.key, none), self.halal.get(product.key, none)
                for metric, of in (("assortment_products", found), ("assortment_halal_products", halal)):
                    yield counted(metric, country, period=period, value=of[country], url=url, product=product.key)


def read_dump(file: BinaryIO, url: str, products: Sequence[ProductType], as_of: date) -> Reading:
    """Listings of the types' products, then the counts.

    The file is tab-separated text without quoting, packed by gzip (https://world.openfoodfacts.org/data, "CSV data export").
    Raises BadAnswer: empty file, html or xml instead of a table, missing column, broken packed file, cut off, line too long, no row.
    """
    lines = _lines(file)
    places, counts, rows = _places(next(lines, b"")), _Counts(products), 0
    width = max(places.values()) + 1
    yield from (Issue("missing_header", name) for name in COLUMNS if name not in places)
    for line in lines:
        cells = line.split(b"\t")
        if len(cells) < width:
            yield Rejected("ragged row", f"{len(cells)} cells, {width} needed")
            continue
        rows += 1
        row = {name: cells[at].decode("utf-8", "replace") for name, at in places.items()}
        if counts.add(row):
            yield from listings(_shown(row))
    if not rows:
        raise BadAnswer("no row", "the file has a header and nothing below it")
    yield from counts.observations(f"{as_of:%Y-%m}", url)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines of the file, unpacked where it is packed."""
    start = file.read(2)
    file.seek(0)
    stream = cast("BinaryIO", gzip.GzipFile(fileobj=file)) if start == b"\x1f\x8b" else file
    read = 0
    try:
        while line := stream.readline(MAX_LINE):
            read += len(line)
            if len(line) == MAX_LINE or read > MAX_UNPACKED:
                raise BadAnswer("line too long" if len(line) == MAX_LINE else "too large", f"after {read} bytes")
            if stream is file and read > len(line) and not line.endswith(b"\n"):
                raise BadAnswer("cut off", f"after {read} bytes, within a line: counts over half a file would be wrong")
            if line.strip():
                yield line.rstrip(b"\r\n")
    except (OSError, EOFError, zlib.error) as error:
        raise BadAnswer("broken packed file", f"after {read} bytes: {error}"[:200]) from error


def _places(header: bytes) -> dict[str, int]:
    """Column -> place in a row. Raises BadAnswer."""
    if header.lstrip(b"\xef\xbb\xbf ").startswith(b"<"):
        raise BadAnswer("html or xml instead of a table", header[:80].decode("utf-8", "replace"))
    names = [name.strip() for name in header.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").split("\t")]
    if not any(names):
        raise BadAnswer("empty file", "0 bytes")
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise BadAnswer("missing column", f"{', '.join(missing)}; there are {', '.join(names)}"[:400])
    return {name: names.index(name) for name in (*COLUMNS, COUNTRIES) if name in names}


def _shown(row: Mapping[str, str]) -> Shown:
    """A product of the file; its words may hold anything."""
    text = {name: clean_text(value, 500) for name, value in row.items()}
    return Shown(
        code=text["code"] or "",
        name=text["product_name"],
        brands=text.get("brands"),
        quantity=text.get("quantity"),
        stores=text.get("stores"),
        origins=text.get("origins"),
        made_in=text.get("manufacturing_places"),
        countries=_tags(row[COUNTRIES]),
        labels=_tags(row.get("labels_tags", "")),
        categories=_tags(row["categories_tags"]),
    )


def _tags(cell: str) -> list[str]:
    return [tag for part in cell.split(",")[:200] if (tag := clean_text(part, 100))]
