"""UNGM: what the agencies of the United Nations buy; written from recorded pages, off until its terms are read."""

import json
import re
from collections.abc import Iterator
from typing import Any

from parsel import Selector
from scrapy.http import Request, Response

from market_db.seen import Notice, Party
from market_db.values.dates import read_date, read_deadline
from market_db.values.emails import read_email
from spiders.base.json_api import clean_text, missing_in
from spiders.base.spider import TembusSpider, answer_of
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

HOME = "https://www.ungm.org"
SEARCH = f"{HOME}/Public/Notice/Search"
ROWS, MAX_PAGES = 15, 20
ROW = "//*[contains(concat(' ', @class, ' '), ' notice-table ') and @data-noticeid]"
CELL = "./*[contains(concat(' ', @class, ' '), ' tableCell ')]"
CLASSES = ("tableCell", "resultTitle", "resultAgency", "deadline")
LABELS = ("tender title", "tender no", "tender details", "closing date", "purchaser", "purchaser address")
TOTAL = re.compile(r"noticeSearchTotal\D{1,60}?(\d{1,7})")
ZONE = re.compile(r"\s*\(GMT\s*([+-]?)(\d{1,2})\.(\d{2})\)")
MINUTES = {"00": 0, "30": 30, "50": 30, "45": 45, "75": 45}
"""Digits after the point of "(GMT 5.50)": parts of an hour, or minutes."""


class Ungm(TembusSpider):
    """A search a word; the answer is a fragment of HTML with a row a notice."""

    name = "ungm"
    about = Source(
        title="UNGM: tenders of the United Nations",
        publisher="United Nations Global Marketplace",
        home=f"{HOME}/Public/Notice",
        licence="unknown",
        attribution="United Nations Global Marketplace, https://www.ungm.org",
        terms_url=f"{HOME}/Shared/KnowledgeCenter/Pages/PT_TandC",
        terms_read=None,
        basis="terms and robots not read yet",
        hosts=("www.ungm.org",),
        roles=("tender_authority",),
        personal_data="Names and telephones of officers are not read; only role mailboxes stay.",
        expect=Expect(least=1, most=5_000),
        pace=Pace(delay=5.0, max_requests=60, max_items=5_000),
        post_hosts=("www.ungm.org",),
        enabled=False,
        note="shape unverified until the first live check. The search is a page's own request, not a documented API: somebody has to read "
        "the terms and robots.txt, and see whether it asks for a token, before this is switched on.",
    )

    def first_requests(self) -> Iterator[Request]:
        """One search a word."""
        names = [product.names["en"] for product in self.products]
        for word in dict.fromkeys(["food", *names]) if names else ():
            yield self.search(word, 0)

    def search(self, word: str, page: int, total: int | None = None) -> Request:
        """One page of a search of notices that are still open."""
        body = json.dumps(search_body(word, page, f"{self.as_of:%d-%b-%Y}"), separators=(",", ":"))
        headers = {"Content-Type": "application/json", "Accept": "text/html", "X-Requested-With": "XMLHttpRequest"}
        return self.ask(SEARCH, method="POST", body=body, headers=headers, meta={"word": word, "page": page, "total": total})

    def read(self, answer: Answer) -> Reading:
        """Notices of a page of the search, or the one notice of its own page."""
        return read_page(answer)

    def next_requests(self, response: Response) -> Iterator[Request]:
        """The next page of fifteen; what came is compared with the total that this page or the first one prints."""
        page, word = int(response.meta.get("page", 0)), str(response.meta.get("word", ""))
        selector = selector_of(answer_of(response))
        rows, printed = len(selector.xpath(ROW)), TOTAL.search(response.text)
        total = int(printed[1]) if printed else response.meta.get("total")
        have = page * ROWS + rows
        if rows == ROWS and page + 1 < MAX_PAGES and (total is None or have < total):
            yield self.search(word, page + 1, total)
        elif total is not None and have < total:
            self.note(self.name, Issue("partial_answer", f"{have} of {total} notices came", broken=True), response.url)


def search_body(word: str, page: int, today: str) -> dict[str, Any]:
    """What the page's own form sends."""
    lists = ("Agencies", "Countries", "UNSPSCs", "TypeOfCompetitions", "NoticeTypes")
    texts = ("Description", "Reference", "PublishedFrom", "PublishedTo", "DeadlineTo")
    return {
        "PageIndex": page,
        "PageSize": ROWS,
        "Title": word,
        **dict.fromkeys(texts, ""),
        "DeadlineFrom": today,
        **{name: [] for name in lists},
        "SortField": "DatePublished",
        "SortAscending": False,
        "IsActive": True,
        "NoticeSearchTotalLabelId": "noticeSearchTotal",
        "IsPicker": False,
    }


def selector_of(answer: Answer) -> Selector:
    """The page; UTF-8.

    Raises BadAnswer: refused, not html.
    """
    if answer.status >= 400:
        raise BadAnswer("refused", f"status {answer.status}")
    text = answer.body.decode("utf-8-sig", "replace")
    if "<" not in text:
        raise BadAnswer("not html", text[:100])
    return Selector(text=text.replace("\x00", ""), type="html")


def read_page(answer: Answer) -> Reading:
    """Notices of a search's rows, or of the label-and-value rows of one notice's page.

    A search without a hit has no rows and says so by its total. Raises BadAnswer: refused, not html, unexpected shape.
    """
    page = selector_of(answer)
    rows = page.xpath(ROW)
    labels = labelled(page)
    if rows:
        yield from no_total(answer)
        yield from (Issue("missing_field", f"class {name}") for name in CLASSES if not page.css(f".{name}"))
        taken: set[str] = set()
        for row in rows:
            read = row_notice(row)
            if isinstance(read, Notice) and read.key in taken:
                read = Rejected("duplicate", read.key)
            elif isinstance(read, Notice):
                taken.add(read.key)
            yield read
    elif "tender title" in labels:
        if b"</html" not in answer.body[-2_000:].lower():
            yield Issue("partial_answer", "the page breaks off before its end", broken=True)
        yield from missing_in([labels], LABELS)
        yield page_notice(page, labels)
    elif not re.search(r"noticeSearchTotal\D{1,60}?0\b", answer.body.decode("utf-8", "replace")):
        raise BadAnswer("unexpected shape", "no row of class notice-table with data-noticeid, no label Tender Title, and no total of 0")


def no_total(answer: Answer) -> Iterator[Issue]:
    """A broken issue where the first page of a search lacks the total that its script writes behind the rows."""
    if b'"PageIndex":0' in answer.asked and not TOTAL.search(answer.body.decode("utf-8", "replace")):
        yield Issue("partial_answer", "no total behind the rows: the answer breaks off, or its script changed", broken=True)


def said(node: Selector | None, most: int = 500) -> str | None:
    """Visible text of a node on one line."""
    if node is None:
        return None
    return clean_text(" ".join(node.xpath(".//text()[not(ancestor::script) and not(ancestor::style)]").getall()), most)


def row_notice(row: Selector) -> Notice | Rejected:
    """A row of the search: title, deadline, day, agency, type, reference, country; cells are told by class, the others by their place."""
    number = row.attrib.get("data-noticeid", "")
    if not re.fullmatch(r"\d{1,9}", number):
        return Rejected("no notice id")
    cells = row.xpath(CELL)
    classes = [f" {cell.attrib.get('class', '')} " for cell in cells]
    at = next((index for index, name in enumerate(classes) if " resultAgency " in name), None)
    title = titled(next((cell for cell, name in zip(cells, classes, strict=True) if " resultTitle " in name), None))
    closes = next((cell.xpath(".//span")[:1] for cell, name in zip(cells, classes, strict=True) if " deadline " in name), None)
    if title is None:
        return Rejected("no title", number)
    around = {name: said(cells[at + step]) if at is not None and 0 <= at + step < len(cells) else None for name, step in PLACES.items()}
    deadline = said(closes[0], 60) if closes else None
    return Notice(
        key=number,
        kind="tender",
        title=title,
        url=f"{HOME}/Public/Notice/{number}",
        description=" | ".join(filter(None, (around["type"], around["reference"]))) or None,
        published_text=around["published"],
        published=read_date(around["published"] or ""),
        deadline_text=deadline,
        deadline=moment(deadline) if deadline else None,
        country_text=around["country"],
        parties=agency(around["agency"], ()),
    )


def titled(cell: Selector | None) -> str | None:
    """The title beside the link that opens the notice; the link's own words where there is nothing else."""
    return said((cell.xpath(".//span") or [cell])[0]) if cell is not None else None


PLACES = {"published": -1, "agency": 0, "type": 1, "reference": 2, "country": 3}
"""Cells of a row, counted from the agency's."""


def agency(name: str | None, mailboxes: tuple[str, ...]) -> tuple[Party, ...]:
    """The agency that buys; where it sits is not said, and the country of delivery is not its own."""
    if name is None:
        return ()
    return (Party(name=name, role="tender_authority", role_proof="United Nations agency of the notice", emails_text=mailboxes),)


def moment(text: str) -> str | None:
    """A deadline like "26-Aug-2026 23:59 (GMT -4.00)" with its zone; without one where the zone cannot be read."""
    zone = ZONE.search(text)
    read = read_deadline(ZONE.sub("", text))
    if read is None or zone is None or "T" not in read or zone[3] not in MINUTES or int(zone[2]) > 14:
        return read
    return f"{read}{zone[1] or '+'}{int(zone[2]):02}:{MINUTES[zone[3]]:02}"


def labelled(page: Selector) -> dict[str, Selector]:
    """Label -> cell with the value, of a table of two columns."""
    rows = [row.xpath("./td") for row in page.xpath("//tr[count(td)=2]")]
    return {(said(label, 60) or "").rstrip(": ").lower(): value for label, value in (cells[:2] for cells in rows)}


def page_notice(page: Selector, labels: dict[str, Selector]) -> Notice | Rejected:
    """The notice of its own page; of the purchaser's address only role mailboxes are taken, for it names officers."""
    title, reference = said(labels["tender title"]), said(labels.get("tender no"), 120)
    links = " ".join(page.xpath("//a/@href").getall())
    number = re.search(r"/Public/Notice/(\d{1,9})", links)
    key = number[1] if number else reference
    if title is None or key is None:
        return Rejected("no title" if title is None else "no notice id", key or "")
    closes = said(labels.get("closing date"), 60)
    address = said(labels.get("purchaser address"), 1_000) or ""
    email = read_email(address)
    return Notice(
        key=key,
        kind="tender",
        title=title,
        url=f"{HOME}/Public/Notice/{number[1]}" if number else f"{HOME}/Public/Notice",
        description=said(labels.get("tender details"), 2_000),
        deadline_text=closes,
        deadline=moment(closes) if closes else None,
        parties=agency(said(labels.get("purchaser")), (email.address,) if email and email.role else ()),
    )
