"""The walk over many declared sites: interleaved, by sitemap where there is one, only to pages that speak of the products."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import zip_longest
from typing import Any, ClassVar
from urllib.parse import unquote, urljoin, urlsplit

from scrapy.http import Request, Response

from market_db.products import ProductType
from market_db.terms import find_product, find_terms
from spiders.base.spider import TembusSpider, answer_of
from spiders.extract import cues
from spiders.extract.page import Page, extract_page
from spiders.extract.sitemap import Entry, Sitemap, read_sitemap, sitemaps_in_robots
from spiders.reading import Answer, BadAnswer, Issue, Reading
from spiders.site import Site, passport
from spiders.source import Expect, Source

SHARED = frozenset({"robots", "sitemap", "catalogue", "front", "opensearch", "results"})
"""Steps whose addresses are everybody's, where several rows stand for one host."""
MAX_SITEMAPS = 50
"""Sitemap files asked per site and run."""
MAX_CONTACT_PAGES = 2
CONTACT_LOOKS = 10
"""Pages of a site whose links are searched for its contact page: every page's footer has the same ones."""
NO_NEWS = 1_000_000
"""Turn of pages that did not change lately: after all that did (days)."""
MAX_LEVELS = 3
"""Steps from the front page, where a site has no sitemap."""


def family_passport(title: str) -> Source:
    """What a family says of itself before sites are given: it asks nobody."""
    return Source(
        title=title,
        publisher="the declared sites",
        home="https://sites.invalid/",
        licence="unknown",
        attribution=title,
        terms_url="https://sites.invalid/",
        terms_read=None,
        basis="each site has its own passport",
        hosts=("sites.invalid",),
    )


class SitesSpider(TembusSpider):
    """Give it `sites`; a family says in `entry` what to ask of each first, and may read answers of its own before pages.

    `since` (source -> day of its last good run) leaves out pages that a sitemap calls unchanged.
    """

    about: ClassVar[Source] = family_passport("Declared sites")
    needs_each = False

    def __init__(self, *args: Any, sites: Sequence[Site] = (), since: Mapping[str, date] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answered: set[str] = set()
        """Sources that were asked for the products and said what they have, so that none is a finding, no fault."""
        self.sites = {site.source: site for site in sites}
        self.since = dict(since or {})
        self.by_host: dict[str, list[Site]] = {}
        for site in sites:
            for host in passport(site).hosts:
                self.by_host.setdefault(host, []).append(site)
        self.asked: dict[str, set[str]] = {source: set() for source in self.sites}
        self.contact_pages: dict[str, int] = dict.fromkeys(self.sites, 0)
        self.made: Counter[str] = Counter()
        self.budgets = {source: about.pace.max_requests for source, about in self.passports().items()}
        self.looked: dict[str, int] = dict.fromkeys(self.sites, 0)
        self.sitemaps: dict[str, int] = dict.fromkeys(self.sites, 0)

    def passports(self) -> dict[str, Source]:
        """One passport a site."""
        none = Expect(least=0)
        about = {source: passport(site) for source, site in self.sites.items()}
        return {source: replace(one, expect=none) if source in self.answered else one for source, one in about.items()}

    def site_of(self, url: str) -> Site | None:
        """The declared site an address belongs to: of several rows of one host the one with the longest path, else the first."""
        rows = self._rows_of(url)
        return next(iter(self._claimants(rows, url) or rows), None)

    def belongs(self, url: str, site: Site, *, shared: bool = False) -> bool:
        """Whether a site may ask an address: one of its hosts, and no other row of the host is nearer to it.

        What lies in no row's place is the first one's; `shared` addresses (robots.txt, sitemaps) are everybody's.
        """
        rows = self._rows_of(url)
        return site in (self._claimants(rows, url) or (rows if shared else rows[:1]))

    def _rows_of(self, url: str) -> list[Site]:
        return self.by_host.get((urlsplit(url).hostname or "").lower(), [])

    @staticmethod
    def _claimants(rows: list[Site], url: str) -> list[Site]:
        """Of several rows those whose place holds the address most exactly; empty = it lies in nobody's, as robots.txt of /en and /de."""
        if len(rows) < 2:
            return rows
        held = [site for site in rows if site.holds(url)]
        nearest = max((len(site.place) for site in held), default=0)
        return [site for site in held if len(site.place) == nearest]

    def first_requests(self) -> Iterator[Request]:
        """One request of each site in turn: a site's whole queue in one slot would hold up the end of the run."""
        for requests in zip_longest(*(list(self.entry(site)) for site in self.sites.values())):
            yield from (request for request in requests if request is not None)

    def entry(self, site: Site) -> Iterator[Request]:
        """What to ask of a site first."""
        yield from self.sitemap_entry(site)

    def fresh(self, site: Site, url: str, *, http: Mapping[str, Any] | None = None, **meta: Any) -> Iterator[Request]:
        """A request for an address of the site not asked before in this run; repeats die here, before they cost a request.

        `http` are more arguments of the request (method, headers, body, errback); one address with two bodies is two questions.
        """
        address, asked = url.split("#", maxsplit=1)[0], self.asked[site.source]
        known = f"{address} {http['body']}" if http and "body" in http else address
        shared = meta.get("step") in SHARED
        if not self.belongs(address, site, shared=shared) or known in asked:
            return
        # one more than the budget, so that the run says that it ended there; the rest would only fill the queue
        if self.made[site.source] > self.budgets[site.source]:
            self.counts[site.source, "over_budget:addresses"] += 1
            return
        asked.add(known)
        self.made[site.source] += 1
        # rows of one host share its robots.txt, sitemaps and search: each must get them
        again = shared and len(self._rows_of(address)) > 1
        yield self.ask(address, source=site.source, meta=meta, dont_filter=again, **(http or {}))

    def sitemap_entry(self, site: Site) -> Iterator[Request]:
        """The declared sitemap, else robots.txt, which may name one."""
        yield from self.fresh(site, site.sitemap or urljoin(site.url, "/robots.txt"), step="sitemap" if site.sitemap else "robots")

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Any]:
        """Follow the step the request stands for; a broken answer is an issue and may open another way."""
        answer = answer_of(response)
        site = self.sites.get(self.source_of(response.request)) if response.request else None
        step = str(response.request.meta.get("step", "page")) if response.request else "page"
        if site is None:
            return
        try:
            yield from self.take(site, step, answer, response)
        except BadAnswer as bad:
            # how many pages make a run broken is for the run record to say: one odd page of hundreds does not
            self.counts[site.source, "pages:bad"] += step == "page"
            self.note(site.source, Issue("bad_answer", str(bad)), response.url)
            yield from self.otherwise(site, step)

    def take(self, site: Site, step: str, answer: Answer, response: Response) -> Iterator[Any]:
        """Records and further requests of one answer."""
        if step == "robots":
            yield from self.after_robots(site, answer)
        elif step == "sitemap":
            yield from self.after_sitemap(site, answer)
        else:
            page = page_of(answer, site)
            self.counts[site.source, "pages:read"] += 1
            yield from self.deliver(site.source, page_reading(page), answer.url)
            yield from self.after_page(site, page, int(response.meta.get("level", 0)))

    def otherwise(self, site: Site, step: str) -> Iterator[Request]:
        """Where to go on when a step's answer was no good: from the sitemap to the front page."""
        if step in ("robots", "sitemap"):
            yield from self.fresh(site, site.url, step="page", level=1)

    def read(self, answer: Answer) -> Reading:
        """Records of one page; sitemaps and robots.txt hold none."""
        site = self.site_of(answer.url)
        if answer.url.endswith("/robots.txt") or read_sitemap(answer.body) is not None:
            return
        yield from page_reading(page_of(answer, site))

    def after_robots(self, site: Site, answer: Answer) -> Iterator[Request]:
        """Sitemaps that robots.txt names, else the usual place."""
        named = sitemaps_in_robots(answer.body) if answer.status == 200 else ()
        own = [url for url in named if self.belongs(url, site, shared=True)]
        if named and not own:
            self.note(site.source, Issue("foreign_sitemap", f"robots.txt names only {named[0]}: add its host to `hosts` of the row"[:500]))
        for url in own or (urljoin(site.url, "/sitemap.xml"),):
            yield from self.fresh(site, url, step="sitemap")

    def after_sitemap(self, site: Site, answer: Answer) -> Iterator[Request]:
        """Further sitemaps of an index, or the pages that speak of the products.

        Raises BadAnswer: no sitemap.
        """
        sitemap = read_sitemap(answer.body) if answer.status == 200 else None
        if sitemap is None:
            raise BadAnswer("no sitemap", f"status {answer.status}, {answer.media_type or 'no media type'}")
        if not sitemap.whole:
            self.note(site.source, Issue("partial_answer", f"sitemap broke off after {len(sitemap.entries)} entries"), answer.url)
        yield from self.in_index(site, sitemap) if sitemap.index else self.in_sitemap(site, sitemap)

    def in_index(self, site: Site, sitemap: Sitemap) -> Iterator[Request]:
        """Sitemaps of an index; those that are called after products first."""
        for entry in sorted(sitemap.entries, key=lambda entry: "product" not in entry.url.lower()):
            if self.sitemaps[site.source] >= MAX_SITEMAPS:
                self.note(site.source, Issue("partial_answer", f"more than {MAX_SITEMAPS} sitemaps"), entry.url)
                return
            self.sitemaps[site.source] += 1
            yield from self.fresh(site, entry.url, step="sitemap")

    def in_sitemap(self, site: Site, sitemap: Sitemap) -> Iterator[Request]:
        """Pages whose address speaks of a product, unless unchanged since the last run; where there are too many, what changed first."""
        since, wanted = self.since.get(site.source), list[Entry]()
        for entry in sitemap.entries:
            if since and entry.lastmod and entry.lastmod < since:
                self.counts[site.source, "unchanged:sitemap"] += 1
            elif wanted_address(entry.url, site, self.products):
                wanted.append(entry)
        if len(wanted) > self.budgets[site.source]:
            wanted.sort(key=lambda entry: turn_of(entry, self.as_of, site.every_days))
        for entry in wanted:
            yield from self.fresh(site, entry.url, step="page", level=MAX_LEVELS)

    def after_page(self, site: Site, page: Page, level: int) -> Iterator[Request]:
        """The shop's contact pages; and without a sitemap (level below MAX_LEVELS) what links speak of the products."""
        self.looked[site.source] += 1
        looking = self.contact_pages[site.source] < MAX_CONTACT_PAGES and self.looked[site.source] <= CONTACT_LOOKS
        if level >= MAX_LEVELS and not looking:
            return
        for url, text in page.links:
            if not self.belongs(url, site):
                continue
            if self.contact_pages[site.source] < MAX_CONTACT_PAGES and is_contact_link(url, text):
                for request in self.fresh(site, url, step="page", level=MAX_LEVELS):
                    self.contact_pages[site.source] += 1
                    yield request
            elif level < MAX_LEVELS and allowed(url, site) and speaks_of(f"{text} {words_of(url)}", self.products):
                yield from self.fresh(site, url, step="page", level=level + 1)
        if "links_capped" in page.issues:
            self.note(site.source, Issue("links_capped", "more than 2,000 links on one page"))


def turn_of(entry: Entry, as_of: date, every_days: int) -> tuple[int, bytes]:
    """When a page's turn comes: what changed since about the run before last first (newest first), the others in another order each day.

    So a shop with more pages than the budget is read whole in the course of some nights, and its news at once.
    """
    age = (as_of - entry.lastmod).days if entry.lastmod else None
    recent = age is not None and 0 <= age <= 2 * every_days
    drawn = hashlib.blake2b(f"{as_of} {entry.url}".encode(errors="replace"), digest_size=8).digest()
    return (age, drawn) if recent and age is not None else (NO_NEWS, drawn)


def page_of(answer: Answer, site: Site | None) -> Page:
    """The page of an answer.

    Raises BadAnswer: login wall, unparsed (nothing could be read of it).
    """
    page = extract_page(answer.body, answer.url, answer.headers, site)
    if "login_wall" in page.issues:
        raise BadAnswer("login wall")
    if "unparsed" in page.issues and not page.records:
        raise BadAnswer("unparsed", "nested too deep, or no HTML")
    return page


def page_reading(page: Page) -> Reading:
    """Records of a page and its oddities; a name with lost characters is not passed on."""
    for issue in page.issues:
        yield Issue(issue, "", broken=False)
    lost = {"lost_text", "charset_unknown"} & set(page.issues)
    for record in page.records:
        if not (lost and "\ufffd" in repr(record)):
            yield record


def words_of(url: str) -> str:
    """Path and query of an address as words, percent-decoded (Arabic and Thai slugs)."""
    parts = urlsplit(url)
    return unquote(f"{parts.path} {parts.query}").translate(str.maketrans("/_-+.=&", "       "))[-300:]


def allowed(url: str, site: Site) -> bool:
    """Whether the row's include and exclude let an address through; matched on the percent-decoded address."""
    address = unquote(url)
    return (not site.include or any(part in address for part in site.include)) and not any(part in address for part in site.exclude)


def wanted_address(url: str, site: Site, products: Iterable[ProductType]) -> bool:
    """Whether the filters let it through and its words speak of a product."""
    return allowed(url, site) and speaks_of(words_of(url), products)


def speaks_of(text: str, products: Iterable[ProductType]) -> bool:
    """Whether a text names a product or a brand of it, in any language; without products everything is wanted."""
    kinds = list(products)
    return not kinds or any(find_product(text, kind)[0] or find_terms(text, kind.brands) for kind in kinds)


def is_contact_link(url: str, text: str) -> bool:
    """Whether a link leads to imprint or contact page."""
    return len(text) < 60 and bool(cues.CONTACT_PAGE.search(f"{words_of(url)[-80:]} {text}"))
