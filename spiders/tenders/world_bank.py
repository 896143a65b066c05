"""World Bank procurement notices: what projects in some 140 countries buy; little of it is food, but nobody else shows it."""

from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

from scrapy.http import Request, Response

from market_db.seen import Notice, Party
from market_db.values.dates import read_date, read_deadline
from spiders.base.json_api import Json, JsonApiSpider, Shape, ShapeWatch, json_object, rows_in, text_in, whole_in
from spiders.base.spider import answer_of
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

NOTICES = "https://search.worldbank.org/api/v2/procnotices"
ROWS, MAX_PAGES = 50, 6
FIELDS = (
    *(
        "id",
        "notice_type",
        "noticedate",
        "notice_status",
        "notice_lang_name",
        "submission_deadline_date",
        "project_ctry_name",
        "project_id",
    ),
    *("project_name", "bid_reference_no", "bid_description", "contact_organization", "procurement_group", "procurement_method_name"),
)
"""Always asked by name: without the list the API fails now and then, and sends whole notices with the officers' names."""
SHAPE: Shape = dict.fromkeys(FIELDS, object)
WORDS = ("food", "groceries")
"""Asked besides the names of the products: notices of mixed food lots seldom name one."""
AWARDS = frozenset({"contract award"})
PLANNED = frozenset({"general procurement notice"})
LANGUAGES = {"english": "en", "french": "fr", "spanish": "es", "portuguese": "pt", "russian": "ru", "arabic": "ar"}


class WorldBank(JsonApiSpider):
    """A full-text search a word, newest first."""

    name = "world_bank"
    about = Source(
        title="World Bank procurement notices",
        publisher="The World Bank",
        home="https://projects.worldbank.org/en/projects-operations/procurement",
        licence="CC BY 4.0",
        attribution="The World Bank, procurement notices, CC BY 4.0",
        terms_url="https://www.worldbank.org/en/about/legal/terms-of-use-for-datasets",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("search.worldbank.org",),
        roles=("tender_authority",),
        personal_data="Contact persons are not asked for, only the organisation.",
        every=timedelta(days=7),
        expect=Expect(least=1, most=5_000),
        pace=Pace(delay=3.0, max_requests=60, max_items=5_000),
        api=True,
        note="shape unverified until the first live check: two notices are recorded. The first live check confirms the licence too.",
    )

    def first_requests(self) -> Iterator[Request]:
        """One search a word."""
        names = [product.names["en"] for product in self.products]
        for word in dict.fromkeys([*WORDS, *names]) if names else ():
            yield self.search(word, 0)

    def search(self, word: str, offset: int) -> Request:
        """One page of a search."""
        asked = f"format=json&rows={ROWS}&os={offset}&srt=noticedate&order=desc&fl={','.join(FIELDS)}&qterm={quote(word)}"
        return self.ask(f"{NOTICES}?{asked}", meta={"word": word, "offset": offset}, errback=self.page_failed)

    def read(self, answer: Answer) -> Reading:
        """Notices of one page."""
        return read_notices(answer)

    def next_requests(self, response: Response) -> Iterator[Request]:
        """The next page, until all came or the ceiling is reached; a page that is short before the end is reported."""
        found = json_object(answer_of(response))
        asked = dict(parse_qsl(urlsplit(response.url).query))
        offset, rows, total = int(asked.get("os", "0")), len(rows_in(found, "procnotices")), whole_in(found, "total") or 0
        if offset + rows >= total:
            return
        if rows < ROWS:
            self.note(self.name, Issue("partial_answer", f"{offset + rows} of {total} notices came", broken=True), response.url)
        elif offset + rows < ROWS * MAX_PAGES:
            yield self.search(asked.get("qterm", ""), offset + ROWS)
        else:
            self.note(self.name, Issue("partial_answer", f"the newest {offset + rows} of {total} notices were read"), response.url)


def read_notices(answer: Answer) -> Reading:
    """One Notice a row. Raises BadAnswer as `json_object`, and "unexpected shape" without `procnotices` or `total`."""
    found = json_object(answer)
    if "procnotices" not in found or whole_in(found, "total") is None:
        said = text_in(found, "error") or text_in(found, "message")
        raise BadAnswer("refused query" if said else "unexpected shape", said or f"fields: {sorted(map(str, found))[:10]}")
    watch, taken = ShapeWatch(SHAPE), set[str]()
    for row in rows_in(found, "procnotices"):
        if isinstance(row, dict):
            yield from watch.look(row)
        read = notice_of(row)
        if isinstance(read, Notice):
            if read.key in taken:
                read = Rejected("duplicate", read.key)
            else:
                taken.add(read.key)
        yield read


def notice_of(row: object) -> Notice | Rejected:
    """One row as a notice, or why not."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    key, title = text_in(row, "id", 40), text_in(row, "bid_description") or text_in(row, "project_name")
    if key is None or not key.isalnum():
        return Rejected("no id")
    if title is None:
        return Rejected("no title", key)
    published, closes = text_in(row, "noticedate", 40), text_in(row, "submission_deadline_date", 40)
    kind = "award" if (text_in(row, "notice_type") or "").lower() in AWARDS else "tender"
    country = text_in(row, "project_ctry_name", 100)
    reference = text_in(row, "bid_reference_no", 100)
    about = [text_in(row, "project_name"), text_in(row, "procurement_method_name", 100), f"ref. {reference}" if reference else None]
    return Notice(
        key=key,
        kind=kind,
        title=title,
        url=f"https://projects.worldbank.org/en/projects-operations/procurement-detail/{key}",
        description=" | ".join(filter(None, about)) or None,
        published_text=published,
        published=read_date(published) if published else None,
        deadline_text=closes,
        deadline=read_deadline(closes) if closes else None,
        status=status_of(row, kind),
        country_text=country,
        language_text=LANGUAGES.get((text_in(row, "notice_lang_name", 40) or "").lower()),
        parties=authorities_of(row, country),
    )


def status_of(row: Json, kind: str) -> str | None:
    """What the notice's state and type say; an invitation is open until its deadline, which is not a state."""
    if "cancel" in (text_in(row, "notice_status", 40) or "").lower():
        return "cancelled"
    if kind == "award":
        return "awarded"
    return "planned" if (text_in(row, "notice_type") or "").lower() in PLANNED else None


def authorities_of(row: Json, country: str | None) -> tuple[Party, ...]:
    """The organisation that buys; many notices name none."""
    name = text_in(row, "contact_organization", 300)
    if name is None:
        return ()
    return (Party(name=name, role="tender_authority", role_proof="contracting organisation of the notice", country_text=country),)
