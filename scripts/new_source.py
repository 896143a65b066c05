"""`tembus new-source`: the file of a new source with everything its passport must say, and the folder of its first fixture."""

import re
from pathlib import Path

KINDS = ("registers", "tenders", "trade_data", "maps", "shops", "directories", "products")
ROOT = Path(__file__).parent.parent
NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")

TEMPLATE = '''"""{title}: what it proves, in one sentence."""

from collections.abc import Iterator
from datetime import timedelta

from scrapy.http import Request

from market_db.seen import Party, Registration
from spiders.base.json_api import Json, JsonApiSpider, Shape, json_object, listed_in, read_rows, text_in
from spiders.reading import Answer, Reading, Rejected
from spiders.source import Expect, Pace, Source

SHAPE: Shape = {{"id": (str, int), "name": str}}
"""Fields of a row as documented: a new one, or one of another type, is reported by name."""
NEEDED = ("id", "name")
"""Fields without which an answer is of no use: where no row has one, the run is broken."""


class {class_name}(JsonApiSpider):
    """How it is asked, and what is left out."""

    name = "{name}"
    about = Source(
        title="{title}",
        publisher="{publisher}",
        home="https://{host}/",
        licence="unknown",
        attribution="{publisher}",
        terms_url="https://{host}/terms",
        terms_read=None,  # stays off until somebody read the terms: the date goes here, the reason into `basis`
        basis="not decided",
        hosts=("{host}",),
        countries=(),
        roles=(),
        personal_data="none",  # or what it shows of natural persons, and what happens to it here
        every=timedelta(days=7),
        expect=Expect(least=1, most=10_000),
        pace=Pace(delay=2.0, max_requests=50),
        api=True,
        note="shape unverified until the first live check",
    )

    def first_requests(self) -> Iterator[Request]:
        """What to ask, from the product types."""
        for product in self.products:
            for code in product.hs:
                yield self.ask(f"https://{host}/importers?hs={{code}}")

    def read(self, answer: Answer) -> Reading:
        """Firms of one answer."""
        return read_rows(listed_in(json_object(answer), "rows"), SHAPE, NEEDED, lambda row: firm(row, answer.url))


def firm(row: Json, url: str) -> Registration | Rejected:
    """One row as a record: `text_in` gives None for a field that is missing or no text, and nothing here may raise."""
    key, name = text_in(row, "id"), text_in(row, "name")
    if key is None or name is None:
        return Rejected("no name or id")
    return Registration(key=key, party=Party(name=name), url=url)
'''


class BadSourceName(ValueError):
    """The name or kind cannot be used; the message says what can."""


def new_source(name: str, kind: str, title: str, publisher: str, host: str, *, root: Path = ROOT) -> tuple[Path, Path]:
    """Write the source's file and its fixture folder; gives both paths.

    Raises BadSourceName, FileExistsError, FileNotFoundError (not a checkout of the program).
    """
    if not NAME.fullmatch(name):
        raise BadSourceName(f"{name!r}: lower-case letters, digits and _, as importers_xx")
    if kind not in KINDS:
        raise BadSourceName(f"{kind!r}: one of {', '.join(KINDS)}")
    folder = root / "spiders" / kind
    fixtures = root / "tests" / "spiders" / "fixtures"
    if not fixtures.is_dir():
        raise FileNotFoundError(f"{root} is no checkout: a source is added where the program's files are")
    folder.mkdir(exist_ok=True)
    package = folder / "__init__.py"
    if not package.exists():
        package.write_text(f'"""Sources: {kind.replace("_", " ")}."""\n', "utf-8")
    path = folder / f"{name}.py"
    class_name = "".join(part.capitalize() for part in name.split("_"))
    text = TEMPLATE.format(name=name, class_name=class_name, title=title, publisher=publisher, host=host)
    with path.open("x", encoding="utf-8") as out:
        out.write(text)
    case = fixtures / name
    case.mkdir(exist_ok=True)
    (case / "LICENCE.txt").write_text(f"{title}: say under which licence the rows here may be kept, or that they are invented.\n", "utf-8")
    return path, case
