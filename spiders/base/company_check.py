"""Sources that are asked about firms we know: they add a number, an address or a status, and never a firm nobody asked about."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from scrapy.http import Request

from market_db.companies.known import KnownCompany
from market_db.values.names import core_name
from spiders.base.json_api import JsonApiSpider
from spiders.base.spider import TembusSpider


class CompanyCheck(TembusSpider):
    """`companies` are those worth a question tonight, best leads first; `question` gives the request for one, or None."""

    most_questions: ClassVar[int] = 200

    def __init__(self, *args: Any, companies: Iterable[KnownCompany] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.companies = tuple(companies)

    def question(self, company: KnownCompany) -> Request | None:
        """What to ask about one firm; None where too little is known of it."""
        raise NotImplementedError(f"{type(self).__name__} asks nothing")

    def first_requests(self) -> Iterator[Request]:
        """One question a firm, while a product is looked for."""
        if not self.products:
            return
        asked = (self.question(company) for company in self.companies)
        yield from [request for request in asked if request is not None][: self.most_questions]


class JsonCompanyCheck(CompanyCheck, JsonApiSpider):
    """A check that answers in JSON."""


def same_firm(asked: str, found: str) -> bool:
    """Whether two printed names are one firm's for sure: the same name but for its legal form."""
    wanted = core_name(asked)
    return bool(wanted) and wanted == core_name(found)
