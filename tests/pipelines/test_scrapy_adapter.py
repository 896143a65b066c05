"""The item pipeline: counts that add up, whole batches, refusals by name, and a store that fails ends the crawl loudly."""

import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler

from market_db.home import open_home
from market_db.schema import open_market
from pipelines import adapter
from pipelines.adapter import StepsPipeline, drop_class, hints_of
from pipelines.chosen import chosen_products

REPO = Path(__file__).parents[2]


class StillTicker:
    """A looping call that never calls."""

    def __init__(self, call):
        self.running = False

    def start(self, seconds, now):
        self.running = True

    def stop(self):
        self.running = False


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def pipeline(tmp_path, monkeypatch):
    monkeypatch.setattr(adapter, "create_looping_call", StillTicker)
    settings = {"TEMBUS_HOME": str(tmp_path), "TEMBUS_PRODUCTS": ["sambal"], "TEMBUS_RUN_ID": "run1", "TEMBUS_AS_OF": "2026-11-25"}
    made = StepsPipeline(get_crawler(settings_dict=settings), clock=Clock())
    made.open_spider()
    yield made
    if made.ticker.running:
        made.close_spider()


def stat(pipeline, name):
    return pipeline.stats.get_value(f"tembus/source/{name}", 0)


def stored(tmp_path):
    db = open_market(open_home(tmp_path))
    try:
        return db["listings"].count
    finally:
        db.close()


def test_what_goes_in_is_stored_unchanged_or_refused_by_name(pipeline, record, tmp_path):
    pipeline.process_item(record("listing", key="1"))
    pipeline.store()
    pipeline.process_item(record("listing", key="1"))
    pipeline.process_item(record("listing", key="2"))
    for name in ("Rice", "Mugs"):
        with pytest.raises(DropItem) as dropped:
            pipeline.process_item(record("listing", key="3", name=name))
        assert (type(dropped.value).__name__, dropped.value.log_level) == ("OtherProduct", "DEBUG")
    pipeline.close_spider()
    assert [stat(pipeline, name) for name in ("stored_new", "stored_changed", "unchanged", "rejected/OtherProduct")] == [2, 0, 1, 2]
    assert stored(tmp_path) == 2
    assert stat(pipeline, "rejected_example/OtherProduct")


def test_coverage_is_counted_by_kind_and_field(pipeline, record):
    pipeline.process_item(record("listing", key="1", price=2.0, currency="EUR"))
    pipeline.process_item(record("listing", key="2"))
    assert [stat(pipeline, f"field/listing.{name}") for name in ("*", "price", "price_usd_kg", "seller")] == [2, 1, 1, 0]


def test_a_field_that_no_record_has_is_counted_as_zero(pipeline, record):
    pipeline.process_item(record("listing", key="1"))
    counted = {key.removeprefix("tembus/source/field/") for key in pipeline.stats.get_stats() if "/field/" in key}
    assert counted == {f"listing.{name}" for name in ("*", *adapter.FIELDS["listing"], *(f"party_{name}" for name in adapter.PARTY_FIELDS))}
    assert stat(pipeline, "field/listing.party_contacts") == 0


@pytest.mark.parametrize("harm", [{"url": "https://shop.example/\ud800"}, {"price": "dear"}, {"name": "\udfff"}])
def test_a_record_that_no_table_takes_is_refused_alone(pipeline, record, tmp_path, harm):
    whole = [record("listing", key=str(n), name="Sambal Oelek") for n in range(7)]
    pipeline.waiting = [*whole[:3], replace(whole[0], key="bad", **harm), *whole[3:]]
    pipeline.store()
    assert (stat(pipeline, "stored_new"), stat(pipeline, "rejected/Unstorable"), stat(pipeline, "not_stored")) == (7, 1, 0)
    assert stored(tmp_path) == 7
    assert not pipeline.failed


def test_a_batch_waits_for_its_size_or_its_time(pipeline, record, tmp_path, monkeypatch):
    monkeypatch.setattr(adapter, "BATCH", 3)
    for key in "12":
        pipeline.process_item(record("listing", key=key))
    assert stat(pipeline, "stored_new") == 0
    pipeline.process_item(record("listing", key="3"))
    assert stat(pipeline, "stored_new") == 3
    pipeline.process_item(record("listing", key="4"))
    pipeline.clock.now += adapter.SECONDS
    pipeline.store_due()
    assert stat(pipeline, "stored_new") == 4


def test_sources_are_counted_apart(pipeline, record):
    pipeline.process_item(record("listing", key="1"))
    pipeline.process_item(record("listing", key="1", source="other"))
    pipeline.close_spider()
    assert stat(pipeline, "stored_new") == 1
    assert pipeline.stats.get_value("tembus/other/stored_new") == 1


@pytest.mark.parametrize(
    "fault",
    [OSError(28, "No space left on device"), adapter.sqlite.sqlite3.OperationalError("database is locked"), adapter.MarketError("held")],
)
def test_a_store_that_fails_is_fatal_and_said(pipeline, record, monkeypatch, fault):
    def fail(*args, **kwargs):
        raise fault

    stops = []
    monkeypatch.setattr(adapter, "save_seen", fail)
    monkeypatch.setattr(pipeline, "_stop_crawl", lambda: stops.append(1))
    pipeline.process_item(record("listing", key="1"))
    pipeline.store()
    pipeline.process_item(record("listing", key="2"))
    pipeline.close_spider()
    assert str(fault) in pipeline.stats.get_value("tembus/fatal")
    assert stat(pipeline, "not_stored") == 2
    assert stat(pipeline, "stored_new") == 0
    assert stops == [1]


def test_personal_data_taken_out_is_counted(pipeline, record):
    from market_db.seen import Party

    pipeline.process_item(record("listing", seller=Party(name="Alba (contoh)", emails_text=("jan.jansen@albatirta.com",))))
    assert (stat(pipeline, "personal_dropped"), stat(pipeline, "dropped/personal_email")) == (1, 1)


def test_what_is_no_record_passes(pipeline):
    assert pipeline.process_item({"a": 1}) == {"a": 1}


def test_one_class_a_reason():
    assert drop_class("OtherProduct") is drop_class("OtherProduct")
    assert issubclass(drop_class("NoKey"), DropItem)


def test_an_unknown_product_is_named():
    with pytest.raises(ValueError, match=r"no product type kecap; known are .*sambal"):
        chosen_products(["sambal", "kecap"])


def test_hints_come_from_passports_and_settings():
    class About:
        countries, roles = ("GB",), ("importer",)

    class Wide:
        countries, roles = ("NL", "BE"), ()

    class Spider:
        def passports(self):
            return {"a": About, "b": Wide}

    hints = hints_of(Spider(), {"b": {"country": "BE", "currency": "EUR"}})
    assert (hints["a"].country, hints["a"].role) == ("GB", "importer")
    assert (hints["b"].country, hints["b"].currency, hints["b"].role) == ("BE", "EUR", None)
    assert hints_of(None, {}) == {}


CRAWL = """
import sys, warnings
warnings.simplefilter("error")
import scrapy
from datetime import datetime, UTC
from scrapy.crawler import AsyncCrawlerProcess
from market_db.seen import Evidence, Listing
from pipelines import adapter

class Shop(scrapy.Spider):
    name = "shop"
    async def start(self):
        for at in range(7):
            stamp = Evidence(source="shop", url="https://x.example", fetched_at=datetime(2026, 11, 20, tzinfo=UTC), content_hash="0")
            yield Listing(key=str(at), name="Sambal" if at % 2 == 0 else "Rice", url="https://x.example/1", source="shop", evidence=stamp)

if sys.argv[2] == "broken":
    def fail(*args, **kwargs):
        raise OSError(28, "No space left on device")
    adapter.save_seen = fail
    adapter.BATCH = 2
process = AsyncCrawlerProcess({
    "ITEM_PIPELINES": {"pipelines.adapter.StepsPipeline": 300}, "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False,
    "TEMBUS_HOME": sys.argv[1], "TEMBUS_PRODUCTS": ["sambal"], "TEMBUS_RUN_ID": "run1", "TEMBUS_AS_OF": "2026-11-25",
})
crawler = process.create_crawler(Shop)
process.crawl(crawler)
process.start()
stats = crawler.stats.get_stats()
for name in ("tembus/shop/stored_new", "tembus/shop/rejected/OtherProduct", "item_dropped_reasons_count/OtherProduct", "finish_reason", "tembus/fatal"):
    print(stats.get(name))
"""


@pytest.mark.parametrize(("mode", "said"), [("sound", ["4", "3", "3", "finished", "None"]), ("broken", ["None", "3", "3", "store_failed"])])
def test_a_crawl_from_start_to_end(tmp_path, mode, said):
    script = tmp_path / "crawl.py"
    script.write_text(textwrap.dedent(CRAWL))
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "home"), mode],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": str(REPO), "PATH": "/usr/bin:/bin"},
    )
    lines = done.stdout.split("\n")
    assert lines[: len(said)] == said, done.stderr
    assert mode == "sound" or "No space left" in lines[4]
