"""Wikipedia page views: which months and titles are asked, what nothing means, and the way to the market page."""

import json
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import TextResponse

from market_db.products import load_products
from market_db.seen import Observation
from market_db.values.places import iso3
from pipelines.shares import shares_of
from pipelines.surroundings import observed_signals
from spiders.products.wikipedia_views import ITEM, WikipediaViews, countries, first_month, last_month, read_views, titles_of, views_url
from spiders.reading import Answer, BadAnswer, Issue, Rejected

AS_OF = date(2026, 11, 20)
SAMBAL = load_products()["sambal"]
URL = views_url(("nl", "Sambal"), AS_OF)
ROW = {"project": "nl.wikipedia", "article": "Sambal", "timestamp": "2026100100", "views": 900}


def read(*rows: object, articles: dict[tuple[str, str], list[str]] | None = None) -> list[object]:
    return list(read_views(Answer(body=json.dumps({"items": rows}).encode(), url=URL), articles or {}, AS_OF))


@pytest.mark.parametrize(
    ("as_of", "first", "last"),
    [
        (date(2026, 11, 20), date(2025, 11, 1), date(2026, 10, 31)),
        (date(2026, 1, 1), date(2025, 1, 1), date(2025, 12, 31)),
        (date(2026, 12, 31), date(2025, 12, 1), date(2026, 11, 30)),
        (date(2024, 3, 31), date(2023, 3, 1), date(2024, 2, 29)),
    ],
)
def test_twelve_months_that_are_over(as_of: date, first: date, last: date) -> None:
    assert (first_month(as_of), last_month(as_of)) == (first, last)
    assert views_url(("th", "น้ำพริก/เผา"), as_of).endswith(f"/monthly/{first:%Y%m%d}/{last:%Y%m%d}")
    assert "น้ำพริก/เผา" in unquote(views_url(("th", "น้ำพริก/เผา"), as_of))
    assert views_url(("th", "น้ำพริก/เผา"), as_of).isascii()
    assert "%2F" in views_url(("th", "น้ำพริก/เผา"), as_of)


def test_languages_of_one_country() -> None:
    assert not {"en", "es", "fr", "pt", "ar", "de"} & set(countries())
    assert all(iso3(country) for country in countries().values())
    assert len(set(countries().values())) == len(countries()) == 17


def test_an_item_is_asked_for_its_titles_and_they_for_their_views() -> None:
    spider = WikipediaViews(products=[SAMBAL], as_of=AS_OF)
    asked = list(spider.first_requests())
    assert [request.url for request in asked] == [f"{ITEM}{item}.json" for item in SAMBAL.wikidata]
    links = {"nlwiki": {"title": "Hete saus"}, "enwiki": {"title": "Hot sauce"}, "nowiki": {"title": "Sambal"}, "svwiki": None}
    body = json.dumps({"entities": {"Q999": {"sitelinks": links}}}).encode()  # merged: answered under another number
    found = list(spider.parse(TextResponse(asked[0].url, body=body, request=asked[0])))
    assert [request.url for request in found] == [views_url(("nl", "Hete_saus"), AS_OF), views_url(("no", "Sambal"), AS_OF)]
    assert spider.issues == []
    elsewhere = f"{ITEM}Q999.json"
    assert [issue.kind for issue in spider.read(Answer(body=body, url=elsewhere)) if isinstance(issue, Issue)] == ["unmapped_value"]
    (observation,) = spider.read(Answer(body=json.dumps({"items": [{**ROW, "article": "Hete_saus"}]}).encode(), url=found[0].url))
    assert isinstance(observation, Observation)
    assert (observation.product, observation.country, observation.key) == ("sambal", "NL", "wiki_views|NL|2026-10|nl.Hete_saus|sambal")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"project": "en.wikipedia"}, "other language"),
        ({"project": None}, "other language"),
        ({"article": None}, "other language"),
        ({"timestamp": "2026110100"}, "month not over"),
        ({"timestamp": "20261001"}, "no month or views"),
        ({"timestamp": "2026130100"}, "no month or views"),
        ({"views": None}, "no month or views"),
        ({"views": -1}, "no month or views"),
        ({"views": "many"}, "no month or views"),
    ],
)
def test_what_is_no_view(change: dict[str, object], reason: str) -> None:
    (found,) = (one for one in read({**ROW, **change}) if not isinstance(one, Issue))
    assert isinstance(found, Rejected)
    assert found.reason == reason


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"<html>gone</html>", 404, "html instead of json"),
        (b'{"error": "x"}', 404, "unexpected shape"),
        (b"", 200, "not json"),
        (b'{"items": []}', 200, "missing field"),
        (b'{"detail": "bad date"}', 400, "refused query"),
        (b'{"items": {}}', 200, "unexpected shape"),
    ],
)
def test_answers_that_are_none(body: bytes, status: int, reason: str) -> None:
    with pytest.raises(BadAnswer) as bad:
        list(read_views(Answer(body=body, url=URL, status=status), {}, AS_OF))
    assert bad.value.reason == reason


@pytest.mark.parametrize("body", [{}, {"entities": []}, {"entities": {"Q1": {}}}, {"entities": {"Q1": None}}])
def test_items_that_are_none(body: object) -> None:
    with pytest.raises(BadAnswer, match="missing field"):
        titles_of(Answer(body=json.dumps(body).encode(), url=f"{ITEM}Q1.json"))


@settings(deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12), lambda v: st.lists(v, max_size=2)))
def test_any_row_is_read(value: object) -> None:
    for row in (value, dict.fromkeys(ROW, value), *({**ROW, name: value} for name in ROW)):
        assert all(isinstance(one, Observation | Rejected | Issue) for one in read(row))


def test_articles_of_the_newest_month_are_added_and_set_against_the_people() -> None:
    articles = {("nl", "Sambal"): ["sambal"], ("nl", "Sriracha"): ["sambal"]}
    rows = [ROW, {**ROW, "article": "Sriracha", "views": 100}, {**ROW, "timestamp": "2026090100", "views": 5}]
    views = [(one, "e") for one in read(*rows, articles=articles) if isinstance(one, Observation)]
    people = Observation(key="pop", url="https://x.example/", metric="pop", period="2025", value=18e6, unit="persons", country="NL")
    signals = observed_signals([*views, (people, "p")], [SAMBAL], today=AS_OF)
    assert {(one.metric, one.period): one.value for one in signals} == {("wiki_views", "2026-10"): 1_000.0, ("pop", "2025"): 18e6}
    (share,) = shares_of(signals)
    assert (share.metric, round(share.value, 2), share.quality) == ("wiki_views_per_m", 55.56, "derived")


def test_real_answers(corpus: Path) -> None:
    months = Answer(body=(corpus / "demand/pageviews/sample-chatgpt.json").read_bytes(), url=URL)
    reads = list(read_views(months, {}, AS_OF))
    assert [type(read) for read in reads] == [Rejected] * 46
    assert {read.reason for read in reads if isinstance(read, Rejected)} == {"other language"}
    in_dutch = Answer(body=months.body.replace(b"en.wikipedia", b"nl.wikipedia"), url=URL)
    views = [read for read in read_views(in_dutch, {}, AS_OF) if isinstance(read, Observation)]
    assert len(views) == 46
    assert (views[0].period, views[0].value, views[-1].period) == ("2022-12", 1_882_964.0, "2026-09")
    nothing = Answer(body=(corpus / "demand/pageviews/sample-404.json").read_bytes(), url=URL, status=404)
    assert [read.reason for read in read_views(nothing, {}, AS_OF) if isinstance(read, Rejected)] == ["no views, or no such title"]
