"""The walk over shops that can be asked for words: which words, and what a page that did not come means."""

from collections.abc import Iterator
from typing import Any

from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request
from scrapy.spidermiddlewares.httperror import HttpError

from spiders.base.sites_spider import SitesSpider
from spiders.keywords import search_words
from spiders.manners.outcomes import Refused, Stop
from spiders.reading import Issue
from spiders.site import Site


class KeywordSpider(SitesSpider):
    """A family asks in steps of its own (`asking`); where a site does not answer one, its sitemap is read."""

    asking: tuple[str, ...] = ()
    """Steps that ask for words; `otherwise` leads from them to the sitemap."""

    def keywords(self, site: Site) -> tuple[str, ...]:
        """What to look for: as the row says, else words of the product types; without product types everything ("")."""
        return site.keywords or search_words(self.products, site.lang, site.country) or ("",)

    def otherwise(self, site: Site, step: str) -> Iterator[Request]:
        """A shop that cannot be asked is read through its sitemap."""
        yield from self.sitemap_entry(site) if step in self.asking else super().otherwise(site, step)

    def lost(self, failure: Any) -> Iterator[Request]:
        """Errback: a page that did not come is said; where only robots.txt is against the asking, pages it allows are read."""
        site = self.sites.get(self.source_of(failure.request))
        if site is None:
            return
        meta = failure.request.meta
        if failure.check(HttpError) or not failure.check(IgnoreRequest):
            detail = f"page {meta.get('page')} of {meta.get('keyword')!r} did not come: {failure.getErrorMessage()}"[:500]
            self.note(site.source, Issue("partial_answer", detail, broken=True), failure.request.url)
        elif site.source not in self.answered and (why := _closed(failure.value)):
            self.note(site.source, Issue("asking_closed", f"{why}; its sitemap is read instead"))
            yield from self.otherwise(site, str(meta.get("step")))


def _closed(error: Exception) -> str:
    """Why a site was not asked for words, where its pages may be read all the same; "" where the site is left alone as a whole.

    A recording of a crawl that robots.txt kept from asking has no answer to give either: a replay has to go on as that crawl did.
    """
    if isinstance(error, Refused):
        return "robots.txt is against asking it for words" if error.reason == Stop.ROBOTS else ""
    return "the recording holds no answer of its search or catalogue" if str(error).startswith("not in the recording") else ""
