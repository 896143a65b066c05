"""Walks the pages of one question: a chain is whole only when as many rows were read as the source says there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from spiders.base.json_api import JsonApiSpider
from spiders.base.spider import answer_of
from spiders.reading import Answer, Issue

Question = tuple[str, ...]
"""What a chain of pages asks for; plain text, because requests wait on disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one answer says of itself."""

    rows: int
    """Rows in it, taken or not."""
    total: int | None
    """Rows that match the question; None = this source does not say it on its pages."""
    is_count: bool = False
    """The answer to a question for the number alone; the first page is still to come."""


class PagedSpider(JsonApiSpider):
    """Give it `page_request` and `page_of`; `count_request` where the number of rows has an address of its own.

    A page that fails, an empty page in the middle and a sum that does not match leave an Issue that makes the run broken.
    """

    window: ClassVar[int] = 10_000
    """Rows of one question that the source serves at most; a total of exactly this may stand for more."""
    page_size: ClassVar[int] = 100
    """Rows asked per page; a source without totals ends with a shorter page."""

    def page_request(self, question: Question, number: int) -> Request:
        """Request for one page, numbered from 1."""
        raise NotImplementedError(f"{type(self).__name__} has no pages")

    def count_request(self, question: Question) -> Request | None:
        """Request for the number of rows alone; None = the pages say it."""
        return None

    def page_of(self, answer: Answer) -> Page | None:
        """What an answer says of its chain; None for answers that are no page. Raises BadAnswer as `read`."""
        raise NotImplementedError(f"{type(self).__name__} reads no pages")

    def narrower(self, question: Question) -> tuple[Question, ...]:
        """Smaller questions to ask instead, where one has more rows than the window."""
        return ()

    def ask_chain(self, question: Question) -> Request:
        """First request of a chain: the number of rows, or page 1."""
        count = self.count_request(question)
        return self._page(question, 1, 0, None) if count is None else self._linked(count, question, 0, 0, None)

    def _page(self, question: Question, number: int, read: int, total: int | None) -> Request:
        return self._linked(self.page_request(question, number), question, number, read, total)

    def _linked(self, request: Request, question: Question, number: int, read: int, total: int | None) -> Request:
        request.meta.update(question=list(question), page=number, read=read, total=total)
        return request.replace(errback=self.lost)

    def next_requests(self, response: Response) -> Iterator[Request]:
        """The next page, narrower questions, or what the chain lacks."""
        page, meta = self.page_of(answer_of(response)), response.meta
        if page is None or "question" not in meta:
            return
        question, total = tuple(meta["question"]), page.total if page.total is not None else meta["total"]
        if total is not None and total >= self.window and meta["read"] == 0 and (smaller := self.narrower(question)):
            yield from (self.ask_chain(each) for each in smaller)
        elif page.is_count:
            yield from [self._page(question, 1, 0, total)] if total else []
        else:
            yield from self._go_on(response, question, page.rows, total)

    def _go_on(self, response: Response, question: Question, rows: int, total: int | None) -> Iterator[Request]:
        """The next page while rows are missing; else whether all came."""
        number, read = response.meta["page"], response.meta["read"] + rows
        known = response.meta["total"]
        more = rows >= self.page_size if total is None else read < total
        if known is not None and total is not None and known != total:
            self.note(
                self.name, Issue("total_differs", f"{_words(question)}: {known} rows at first, {total} on page {number}"), response.url
            )
        if more and rows and read < self.window:
            yield self._page(question, number + 1, read, total)
        elif more or (total is not None and (read > total or total >= self.window)):
            self._incomplete(f"{_words(question)}: {read} rows read in {number} pages, {total} match", response.url)

    def lost(self, failure: Failure) -> None:
        """Note a page that could not be had; a budget that ended says so itself."""
        request: Any = getattr(failure, "request", None)
        reason = str(getattr(failure.value, "reason", ""))
        if request is None or reason.startswith("budget"):
            return
        question, number = tuple(request.meta.get("question", ())), request.meta.get("page")
        what = f"page {number}" if number else "the number of rows" if question else "the first answer"
        why = str(failure.value) if reason else f"{type(failure.value).__name__}: {failure.value}"
        self._incomplete(f"{_words(question)}: {what} could not be had ({why})", request.url)

    def _incomplete(self, what: str, url: str) -> None:
        self.note(self.name, Issue("partial_answer", what[:500], broken=True), url)


def short_page(rows: int, start: int, size: int, total: int) -> Iterator[Issue]:
    """A broken issue where a page (from row `start`, counted from 0) has fewer rows than the total leaves for it."""
    due = max(0, min(size, total - start))
    if rows < due:
        yield Issue("partial_answer", f"{rows} of {due} rows came from row {start + 1} on, {total} match", broken=True)


def _words(question: Question) -> str:
    """The question as an operator reads it."""
    return " ".join(part for part in question if part) or "all"
