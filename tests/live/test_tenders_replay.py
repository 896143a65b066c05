"""Tender sources in real processes: recorded pages in a WARC, through walk, steps and store; a chain that breaks off is no whole night."""

import io
import json
from datetime import date
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from market_db.home import open_home
from market_db.rows import read_rows
from market_db.schema import open_market
from scripts.crawl import crawl

AS_OF = date(2026, 11, 20)
SEARCH = (
    "https://www.contractsfinder.service.gov.uk/Published/Notices/OCDS/Search?limit=100&publishedFrom={}&publishedTo={}&stages=tender,award"
)
FIXTURE = Path(__file__).parent.parent / "spiders" / "fixtures" / "contracts_finder" / "search" / "response.json"
EMPTY = {"version": "1.1", "releases": []}


def warc(path: Path, answers: dict[str, tuple[int, bytes]]) -> Path:
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True, warc_version="1.1")
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "test", "tembus-as-of": AS_OF.isoformat()}))
        for url, (status, body) in answers.items():
            dated = {"WARC-Date": "2026-11-20T18:30:00Z"}
            head = StatusAndHeaders(f"GET {url} HTTP/1.1", [("Host", url.split("/")[2])], is_http_request=True)
            reply = StatusAndHeaders(f"{status} -", [("Content-Type", "application/json")], protocol="HTTP/1.1")
            response = writer.create_warc_record(
                url, "response", payload=io.BytesIO(body), http_headers=reply, warc_headers_dict=dict(dated)
            )
            request = writer.create_warc_record(url, "request", payload=io.BytesIO(b""), http_headers=head, warc_headers_dict=dict(dated))
            writer.write_request_response_pair(request, response)
            for record in (request, response):
                record.raw_stream.close()
    return path


@pytest.mark.parametrize(("status", "verdict"), [(200, "ok"), (404, "broken")])
def test_pages_of_contracts_finder(tmp_path: Path, status: int, verdict: str) -> None:
    first, *others = (
        SEARCH.format(*days) for days in (("2026-11-13", "2026-11-20"), ("2026-11-06", "2026-11-13"), ("2026-10-30", "2026-11-06"))
    )
    page = json.loads(FIXTURE.read_bytes().decode("iso-8859-1"))
    page["links"] = {"next": f"{first}&cursor=sample"}
    answers = {first: (200, json.dumps(page, ensure_ascii=False).encode("iso-8859-1"))}
    answers |= {url: (200, json.dumps(EMPTY).encode()) for url in others}
    answers[f"{first}&cursor=sample"] = (status, json.dumps(EMPTY).encode())
    home = open_home(tmp_path / "home", {})
    files = [warc(tmp_path / "cf.warc.gz", answers)]
    (run,) = crawl(home, ["contracts_finder"], replay=files, products=["sambal", "ground_coffee"], as_of=AS_OF)
    assert (run.verdict, run.stored_new, run.answers, run.adds_up) == (verdict, 2, 4 if status == 200 else run.answers, True)
    db = open_market(home)
    stored = list(read_rows(db, "select kind, status, product, deadline, value, currency, country from notices order by kind"))
    parties = list(read_rows(db, "select name, role, country from parties order by name"))
    db.close()
    assert [tuple(row.values()) for row in stored] == [
        ("award", "awarded", "ground_coffee", "2026-10-01T12:00:00+01:00", 27500.5, "GBP", "GB"),
        ("tender", "open", "sambal", "2026-12-11T12:00:00+00:00", 45000.0, "GBP", "GB"),
    ]
    assert [tuple(row.values()) for row in parties] == [
        ("Contoh NHS Foundation Trust (sample)", "tender_authority", "GB"),
        ("Contohshire County Council (sample)", "tender_authority", "GB"),
        ("Sample Coffee Importers Ltd (contoh)", "distributor", "GB"),
    ]
