"""SEAO: tenders and awards of Quebec's public bodies, municipalities and schools among them, from its weekly open data files.

Chosen beside CanadaBuys because the federal feed lacks what provinces, hospitals and school boards buy, which is where food is bought,
and because the files are plain OCDS packages under CC BY.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from spiders.base.json_api import json_object, object_in, rows_in, text_in
from spiders.base.ocds_packages import Publisher
from spiders.base.ocds_spider import OcdsSpider
from spiders.base.spider import answer_of
from spiders.reading import Answer, BadAnswer, Issue, Reading
from spiders.source import Expect, Pace, Source

HOST = "https://www.donneesquebec.ca"
DATASET = f"{HOST}/recherche/api/3/action/package_show?id=systeme-electronique-dappel-doffres-seao"
WEEK = re.compile(r"/hebdo_(\d{8})_(\d{8})\.json$")
WEEKS = 4
MAX_ANSWER = 64 * 1024 * 1024
"""Bytes; a week had 17 MB."""


class Seao(OcdsSpider):
    """The list of files, then the newest weeks."""

    name = "seao"
    about = Source(
        title="SEAO: tenders and awards of Quebec",
        publisher="Secretariat du Conseil du tresor, Quebec",
        home="https://seao.gouv.qc.ca/",
        licence="CC BY 4.0",
        attribution="Gouvernement du Quebec, Donnees Quebec, SEAO, CC BY 4.0",
        terms_url="https://www.donneesquebec.ca/licence/",
        terms_read=None,
        basis="open licence of the data set; terms of the portal not read yet",
        hosts=("www.donneesquebec.ca",),
        countries=("CA",),
        roles=("tender_authority", "distributor"),
        personal_data="Mailboxes and telephones of named officers are dropped, sole traders under their own names refused.",
        every=timedelta(days=7),
        expect=Expect(least=1, most=60_000),
        pace=Pace(delay=3.0, max_requests=20, max_items=60_000),
        api=True,
        note="shape unverified until the first live check. A file a week, on Mondays; the same week is sometimes published twice.",
    )
    publisher = Publisher(country="CA", page=f"{HOST}/recherche/dataset/systeme-electronique-dappel-doffres-seao")

    def first_requests(self) -> Iterator[Request]:
        """The list of files."""
        if self.products:
            yield self.page_request(DATASET)

    def read(self, answer: Answer) -> Reading:
        """Notices of a week; the list has none, but must be one."""
        if not is_list(answer.url):
            yield from super().read(answer)
            return
        if not weeks_in(answer, self.as_of):
            yield Issue("no_files", "the list names no weekly file", broken=True)

    def next_requests(self, response: Response) -> Iterator[Request]:
        """The newest weeks of the list, oldest of them first; a week has no further pages."""
        if is_list(response.url):
            for url in weeks_in(answer_of(response), self.as_of):
                yield self.page_request(url).replace(meta={"source": self.name, "page": 1, "download_maxsize": MAX_ANSWER})


def is_list(url: str) -> bool:
    """Whether an address is that of the list of files."""
    return urlsplit(url).path.endswith("/package_show")


def weeks_in(answer: Answer, as_of: date) -> list[str]:
    """Addresses of the last weeks' files, in order; of a week published twice the last in the list.

    Raises BadAnswer as `json_object`, and "refused query" where the list says that it failed.
    """
    found = json_object(answer)
    if found.get("success") is not True:
        raise BadAnswer("refused query", str(found.get("error"))[:200])
    weeks: dict[str, str] = {}
    for row in rows_in(object_in(found, "result"), "resources"):
        url = text_in(row, "url", 1_000) if isinstance(row, dict) else None
        week = WEEK.search(url or "")
        if url and week and url.startswith(f"{HOST}/") and week[1] <= f"{as_of:%Y%m%d}":
            weeks[week[1]] = url
    return [weeks[week] for week in sorted(weeks)[-WEEKS:]]
