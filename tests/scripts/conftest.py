"""A small published home for the tests of the command line."""

import hashlib
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from market_db.derived import Company, CompanyContact, DemandSignal, Lead, Market, Reason, lead_id
from market_db.home import open_home
from market_db.publish import publish
from market_db.rebuild import finish_refresh, save_companies, save_demand, save_leads, save_markets, start_refresh
from market_db.runs import Rejection, Run, SourceCard, SourceIssue
from market_db.schema import open_market
from market_db.seen import Contact, Evidence, Party, Registration
from market_db.store import save_issues, save_rejections, save_run, save_seen, save_sources

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
RUN = "20261125T013000Z-aaaa"
FIRMS = {
    "a": ("Nusantara Foods Ltd (contoh)", "GB", "Felixstowe", "importer", 82.0, ("email", "website")),
    "b": ("Toko [bold red]Sambal[/] B.V. (contoh)\x1b[31m\x07", "NL", "Rotterdam", "retailer", 69.7, ("email", "phone", "website")),
    "c": ("東京食品 (contoh)", "JP", "東京", "wholesaler", 40.0, ()),
    "d": (
        "Sehr Langer Lebensmittelimportgesellschaftsname und Feinkosthandel Nord GmbH & Co. KG (contoh)",
        "DE",
        None,
        "wholesaler",
        40.0,
        (),
    ),
}
VALUES = {"email": "info@{}.example", "phone": "+442079460{:03}", "website": "https://{}.example"}


def value_of(kind, key):
    return VALUES[kind].format(ord(key)) if kind == "phone" else VALUES[kind].format(key)


def evidence(key):
    digest = hashlib.sha256(key.encode()).hexdigest()
    return Evidence(source="register", url=f"https://r.example/{key}", fetched_at=NOW, content_hash=digest)


def registration(key):
    name, country, city, role, _, kinds = FIRMS[key]
    contacts = tuple(Contact(kind=kind, raw=value_of(kind, key), value=value_of(kind, key), valid=True) for kind in kinds)
    party = Party(name=name, country=country, city=city, role=role, role_proof=f"listed as {role}", contacts=contacts)
    return Registration(
        key=key, party=party, url=f"https://r.example/{key}", source="register", evidence=evidence(key), product="sambal", relevance=0.9
    )


def company(key, party):
    name, country, city, role, _, kinds = FIRMS[key]
    seen = NOW.isoformat(timespec="seconds")
    contacts = tuple(
        CompanyContact(
            company_id=f"c{key}",
            kind=kind,
            value=value_of(kind, key),
            raw=value_of(kind, key),
            first_seen=seen,
            last_seen=seen,
            sources=1,
            evidence_id=evidence(key).id,
        )
        for kind in kinds
    )
    unknown = dict.fromkeys(("address", "postcode", "latitude", "longitude", "since_run"))
    return Company(
        id=f"c{key}",
        name=name,
        names=(name,),
        country=country,
        city=city,
        roles=(role,),
        sources=("register",),
        licences_share_alike=False,
        first_seen=seen,
        last_seen=seen,
        member_ids=(party,),
        contacts=contacts,
        **unknown,
    )


def lead(key, refresh):
    _, _, _, role, score, _ = FIRMS[key]
    why = Reason(
        feature="role_proof",
        points=score / 4,
        most=25,
        text_id=f"Terdaftar sebagai {role}.",
        text_en=f"Listed as {role}.",
        evidence_ids=(evidence(key).id,),
    )
    return Lead(
        id=lead_id(f"c{key}", "sambal"),
        company_id=f"c{key}",
        product="sambal",
        score=score,
        grade="A" if score >= 70 else "B" if score >= 45 else "C",
        role=role,
        reasons=(why,),
        product_proofs=("cn8:21039090 hot-sauce",),
        last_seen=(NOW - timedelta(days=40) if key == "d" else NOW).isoformat(timespec="seconds"),
        new_since="20260101T000000Z-refresh" if key == "a" else refresh,
    )


def card(name="register", **more):
    facts = {
        "title": "Register of firms",
        "publisher": "Office (contoh)",
        "home": "https://r.example",
        "licence": "OGL v3",
        "attribution": "Contains public data",
        "terms_url": "https://r.example/terms",
        "terms_read": "2026-11-25",
        "basis": "open licence",
        "countries": (),
        "roles": (),
        "every_hours": 24,
        "share_alike": False,
        "enabled": True,
        "key_env": None,
        "note": "",
    }
    return SourceCard(name=name, **{**facts, **more})


def run_of(source="register", verdict="ok", started=NOW, **more):
    at = started.isoformat(timespec="seconds")
    return Run(**{"run_id": RUN, "source": source, "mode": "live", "started": at, "ended": at, "verdict": verdict, **more})


def fill(home):
    """Four firms, two markets, one run with a rejection and an issue; published."""
    db = open_market(home)
    save_sources(db, [card()])
    save_seen(db, [registration(key) for key in FIRMS], run_id=RUN, now=NOW)
    parties = dict(db.conn.execute("select r.key, p.id from registrations r join parties p on p.record_id=r.id").fetchall())
    refresh = start_refresh(db, NOW)
    save_companies(db, [company(key, parties[key]) for key in FIRMS], gone=[], merged={}, matches=[], refresh_id=refresh)
    save_leads(db, [lead(key, refresh) for key in FIRMS])
    none = dict.fromkeys(("import_usd", "import_year", "growth", "unit_value_usd_kg", "idn_share", "index"))
    known = Market(
        product="sambal", country="GB", import_usd=5.2e8, import_year="2025", growth=0.04, unit_value_usd_kg=3.1, idn_share=0.01, index=70.0
    )
    save_markets(db, [Market(product="sambal", country="NL", buyers=1, **none), known])
    signal = DemandSignal(
        country="GB",
        product="sambal",
        hs_code="210390",
        partner="WLD",
        metric="import_value_usd",
        period="2025",
        value=5.2e8,
        unit="USD",
        quality="reported",
        source="register",
        evidence_id="-",
        retrieved="2026-11-25",
    )
    save_demand(db, [signal])
    save_run(db, run_of(scraped=5, stored_new=4, rejected=1, answers=2))
    save_rejections(db, [Rejection(run_id=RUN, source="register", reason="OtherProduct", count=1, example="kecap")])
    save_issues(db, [SourceIssue(run_id=RUN, source="register", kind="new_field", detail="halal_no")])
    finish_refresh(db, refresh, {"leads": 4}, NOW)
    db.close()
    publish(home, now=NOW)


@pytest.fixture
def seeded(home):
    """The filled home."""
    fill(home)
    return home


@pytest.fixture
def tembus(capsys, monkeypatch, home):
    """Call the command line in this process: returns code, standard output, standard error."""
    from scripts.cli import main

    monkeypatch.setenv("TEMBUS_HOME", str(home.root))
    for name in ("TEMBUS_LANG", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments, columns=None):
        if columns:
            monkeypatch.setenv("COLUMNS", str(columns))
        else:
            monkeypatch.delenv("COLUMNS", raising=False)
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return SimpleNamespace(code=code, out=said.out, err=said.err)

    return call


@pytest.fixture
def records():
    """Makers of records for other tests: card, run_of, fill, NOW, open_home."""
    return SimpleNamespace(card=card, run_of=run_of, fill=fill, NOW=NOW, RUN=RUN, open_home=open_home)
