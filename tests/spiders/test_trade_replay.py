"""Demand sources from a handed-in recording to the market: read, checked, stored, made into signals; no key is needed."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from market_db.home import open_home
from market_db.rows import read_rows
from market_db.schema import open_market
from pipelines.refresh import refresh
from scripts.crawl import crawl

FIXTURES = Path(__file__).parent / "fixtures"
CASES = (
    "hmrc_ots/ports_and_codes",
    "eurostat_comext/years",
    "world_bank_data/population",
    "ecb_rates/history",
    "frankfurter/latest",
    "wits_trains/general",
    "wits_trains/for_indonesia",
    "wto_tariffs/general",
    "uk_trade_tariff/commodity",
    "us_census/december",
    "bps_exim/by_year",
)


def recorded(target: Path, cases: tuple[str, ...] = CASES) -> Path:
    """A WARC of the golden answers, as another tool would have written it."""
    with target.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True, warc_version="1.1")
        for case in cases:
            asked = json.loads((FIXTURES / case / "request.json").read_text("utf-8"))
            body = (FIXTURES / case / asked["file"]).read_bytes()
            said = [*asked["headers"].items(), ("Content-Length", str(len(body)))]
            head = StatusAndHeaders(f"{asked['status']} -", said, protocol="HTTP/1.1")
            dated = {"WARC-Date": "2026-11-20T18:30:00Z"}
            url = asked["url"].replace("&key=__key__", "")
            record = writer.create_warc_record(url, "response", payload=io.BytesIO(body), http_headers=head, warc_headers_dict=dated)
            writer.write_record(record)
            record.raw_stream.close()  # warcio copies payloads into temporary files to digest them
    return target


def rows(home, sql):
    db = open_market(home)
    try:
        return list(read_rows(db, sql))
    finally:
        db.close()


def test_a_recording_of_all_demand_sources_becomes_signals(tmp_path):
    home = open_home(tmp_path / "home", {})
    home.make()
    runs = {run.source: run for run in crawl(home, replay=[recorded(tmp_path / "demand.warc.gz")], as_of=datetime(2026, 11, 26).date())}
    assert set(runs) - {"archive"} == {case.partition("/")[0] for case in CASES}
    assert [run for run in runs.values() if not run.adds_up or run.verdict not in ("ok", "thin")] == []
    flows = {(row["reporter"], row["source"]) for row in rows(home, "select reporter, source from trade_flows")}
    assert flows == {
        *((code, "eurostat_comext") for code in ("NLD", "GRC")),
        ("GBR", "hmrc_ots"),
        ("USA", "us_census"),
        ("IDN", "bps_exim"),
    }
    refresh(home, now=datetime(2026, 11, 26, tzinfo=UTC))
    signals = {
        (row["country"], row["metric"], row["source"], row["period"]): row["value"]
        for row in rows(home, "select * from demand_current where product='sambal' and partner in ('WLD', 'IDN')")
    }
    assert signals["NL", "pop", "world_bank_data", "2025"] == 18e6
    assert signals["NL", "tariff_idn_pct", "wits_trains", "2024"] == 2.5
    assert signals["GB", "tariff_mfn_pct", "uk_trade_tariff", "2026"] == 6.0
    assert signals["MY", "idn_export_usd", "bps_exim", "2025"] == 2000.5
    assert signals["MY", "idn_export_belawan_usd", "bps_exim", "2025"] == 1200.5
    assert signals["US", "import_value_usd", "us_census", "2024"] in (12_000.0, 240.0)
    urls = [
        row["url"] for row in rows(home, "select url from evidence union select url from trade_flows union select url from observations")
    ]
    assert not [url for url in urls if "key=" in url]
