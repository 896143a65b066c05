"""Wikipedia page views: how often people of a country look such a product up, where their language is spoken in little else."""

import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from urllib.parse import quote, unquote, urlsplit

from scrapy.http import Request, Response

from market_db.products import load_products
from market_db.seen import Observation
from spiders.base.json_api import Json, JsonApiSpider, Shape, ShapeWatch, json_object, missing_in, object_in, rows_in, text_in, whole_in
from spiders.base.spider import answer_of
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected, load_json
from spiders.source import Expect, Pace, Source

ITEM = "https://www.wikidata.org/wiki/Special:EntityData/"
VIEWS = "https://wikimedia.org/api/rest_v1/metrics/pageviews/per-article/"
MONTHS = 12
NO_DATA = 404
"""An unknown title, one that did not exist yet, or one that nobody opened: the service does not tell them apart."""
SHAPE: Shape = {**dict.fromkeys(("project", "article", "granularity", "timestamp", "access", "agent"), str), "views": int}
Article = tuple[str, str]
"""(language, title with underscores)."""


@cache
def countries() -> Mapping[str, str]:
    """Language of a Wikipedia -> ISO 3166-1 alpha-2, from wikipedia_languages.toml."""
    return tomllib.loads(files("spiders.products").joinpath("wikipedia_languages.toml").read_text("utf-8"))


class WikipediaViews(JsonApiSpider):
    """One request per Wikidata item for the titles in each language, then one per title for the last twelve whole months."""

    name = "wikipedia_views"
    about = Source(
        title="Wikipedia page views",
        publisher="Wikimedia Foundation",
        home="https://pageviews.wmcloud.org/",
        licence="CC0 1.0",
        attribution="Wikimedia Foundation, page view statistics and Wikidata (CC0 1.0)",
        terms_url="https://wikimedia.org/api/rest_v1/",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("wikimedia.org", "www.wikidata.org"),
        countries=tuple(sorted(countries().values())),
        every=timedelta(days=30),
        expect=Expect(least=12, most=10_000),
        pace=Pace(delay=1.0, max_requests=200),  # 200 a minute with a contact in the User-Agent
        api=True,
        api_robots="documented APIs for programs, with a contact in the User-Agent",
        empty_statuses=(NO_DATA,),
        note="A weak sign of interest, and only where one language is one country. Renamed articles split their series; redirects are not "
        "counted with their target.",
    )
    handle_httpstatus_list = [400, NO_DATA]  # noqa: RUF012 - what was wrong with the question; nothing known

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.articles: dict[Article, set[str]] = defaultdict(set)
        """Article -> product types it is about, as the items of this run named them."""

    def first_requests(self) -> Iterator[Request]:
        """The items of each product type."""
        for item in dict.fromkeys(item for product in self.products for item in product.wikidata):
            yield self.ask(f"{ITEM}{item}.json", errback=self.page_failed)

    def read(self, answer: Answer) -> Reading:
        """Observations; an item gives none, and says what its articles are about."""
        return self._learn(answer) if answer.url.startswith(ITEM) else read_views(answer, self.articles, self.as_of)

    def _learn(self, answer: Answer) -> Iterator[Issue]:
        """Keep which product types the articles of an item are about."""
        items = {unquote(urlsplit(answer.url).path).rpartition("/")[2].removesuffix(".json"), *object_in(json_object(answer), "entities")}
        keys = [product.key for product in self.products or load_products().values() if items & set(product.wikidata)]
        if not keys:
            yield Issue("unmapped_value", f"{', '.join(sorted(items))[:200]}: of no product type; was the item merged?")
        for article in titles_of(answer):
            self.articles[article].update(keys)

    def next_requests(self, response: Response) -> Iterator[Request]:
        """Each title of an item in the languages of one country."""
        answer = answer_of(response)
        if answer.url.startswith(ITEM):
            for article in titles_of(answer):  # one that two items name is asked once: Scrapy passes over the second
                yield self.ask(views_url(article, self.as_of), errback=self.page_failed)


def titles_of(answer: Answer) -> list[Article]:
    """Titles of the item's articles in the languages of one country.

    Raises BadAnswer as `json_object`, and "missing field" where there is no item or it has no list of articles.
    """
    if answer.status == NO_DATA:
        raise BadAnswer("unknown item", answer.url)
    items = [item for item in object_in(json_object(answer), "entities").values() if isinstance(item, dict)]
    if not items or "sitelinks" not in items[0]:
        raise BadAnswer("missing field", f"entities.*.sitelinks in {answer.url}"[:300])
    links = object_in(items[0], "sitelinks")
    titles = [(language, text_in(object_in(links, f"{language}wiki"), "title", 250)) for language in countries()]
    return [(language, title.replace(" ", "_")) for language, title in titles if title]


def last_month(as_of: date) -> date:
    """Last day of the last month that is over: the current one is never asked."""
    return as_of.replace(day=1) - timedelta(days=1)


def first_month(as_of: date) -> date:
    """First day of the twelve months that end with it."""
    last = last_month(as_of)
    month = last.year * 12 + last.month - MONTHS
    return date(month // 12, month % 12 + 1, 1)


def views_url(article: Article, as_of: date) -> str:
    """Views by people (not robots) of one article, month by month."""
    language, title = article
    span = f"{first_month(as_of):%Y%m%d}/{last_month(as_of):%Y%m%d}"
    return f"{VIEWS}{language}.wikipedia/all-access/user/{quote(title, safe='')}/monthly/{span}"


def read_views(answer: Answer, articles: Mapping[Article, Collection[str]], as_of: date) -> Reading:
    """Views by month, for every product type the article is about; without one where nobody said what it is about.

    Raises BadAnswer as `json_object`, and "refused query" with the service's words.
    """
    if answer.status == NO_DATA:
        yield _nothing(answer)
        return
    rows = rows_in(json_object(answer), "items")
    if not rows:
        raise BadAnswer("missing field", "no items; an article without views is answered with 404")
    yield from missing_in(rows, ("project", "article", "timestamp", "views"))
    watch, newest = ShapeWatch(SHAPE), f"{last_month(as_of):%Y-%m}"
    for row in rows:
        if isinstance(row, dict):
            yield from watch.look(row)
        yield from _views(row, articles, newest, answer.url)


def _nothing(answer: Answer) -> Issue | Rejected:
    """A 404 of the service says so in JSON; of anybody else it is a page that is gone."""
    found = load_json(answer)
    if not isinstance(found, dict) or "detail" not in found:
        raise BadAnswer("unexpected shape", "a 404 without the service's words")
    return Rejected("no views, or no such title", unquote(urlsplit(answer.url).path)[-160:])


def _views(row: object, articles: Mapping[Article, Collection[str]], newest: str, url: str) -> Iterator[Observation | Rejected]:
    if not isinstance(row, dict):
        yield Rejected("not an object")
        return
    language, month, views = (text_in(row, "project", 40) or "").removesuffix(".wikipedia"), _month(row), whole_in(row, "views")
    title, country = text_in(row, "article", 250), countries().get(language)
    if country is None or title is None:
        yield Rejected("other language", f"{language} {title}")
    elif month is None or views is None or views < 0:
        yield Rejected("no month or views", f"{language} {title} {month}")
    elif month > newest:
        yield Rejected("month not over", month)
    else:
        for product in sorted(articles.get((language, title), ())) or (None,):
            yield _observation((country, month), (language, title), views, product=product, url=url)


def _month(row: Json) -> str | None:
    """YYYY-MM of YYYYMMDDHH."""
    stamp = text_in(row, "timestamp", 12) or ""
    return f"{stamp[:4]}-{stamp[4:6]}" if len(stamp) == 10 and stamp.isascii() and stamp.isdigit() and "01" <= stamp[4:6] <= "12" else None


def _observation(when: tuple[str, str], article: Article, views: int, *, product: str | None, url: str) -> Observation:
    country, month = when
    return Observation(
        key="|".join(part for part in ("wiki_views", country, month, ".".join(article), product) if part),
        url=url,
        metric="wiki_views",
        period=month,
        value=float(views),
        unit="views",
        country=country,
        product=product,
    )
