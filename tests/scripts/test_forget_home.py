"""`tembus forget` over a whole home: database, archive, exports, logs, backups, and what it refuses before it changes anything."""

import fcntl
import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from threading import Event
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest
from sqlite_utils import Database

from market_db.codec import to_row
from market_db.desk.entered import Decision, FollowUp, KeptSearch
from market_db.desk.file import write_desk
from market_db.desk.saved_searches import keep_search, searches_of
from market_db.desk.store import BadSuppression, add_decision, add_follow_up, do_not_contact, suppressed
from market_db.desk.tables import desk_migrations
from market_db.forgetting.texts import NOTES
from market_db.rows import write_rows
from market_db.schema import open_market
from market_db.seen import Contact, Listing, Notice, Party, Place, Refusal, Registration
from market_db.store import save_seen
from pipelines.chosen import chosen_products
from pipelines.cleaning import clean
from pipelines.contacts import keep_business_contacts
from pipelines.context import Context
from pipelines.refresh import refresh
from pipelines.rejections import Rejection
from scripts.backup import back_up, backups
from scripts.forget import forget
from spiders.archive_errors import ArchiveBusy
from spiders.warc_writing import member, record_bytes

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
NAME = "20261120T000000Z-r.warc.gz"


def page(url, body):
    fields = [
        ("WARC-Type", "response"),
        ("WARC-Record-ID", f"<urn:{url}>"),
        ("WARC-Target-URI", url),
        ("WARC-Date", "2026-11-20T03:04:05Z"),
    ]
    return member(record_bytes(fields, b"HTTP/1.1 200 OK\r\n\r\n" + body + b" " * 200), 6)


def firm(name, mail=None, phone=None, **more):
    found = [("email", mail), ("phone", phone)]
    contacts = tuple(Contact(kind=kind, raw=value, value=value, valid=True) for kind, value in found if value)
    return Party(name=name, country="NL", contacts=contacts, **more)


@pytest.fixture
def full(home):
    """A home in which one firm stands everywhere; `full(name)` names the firm."""

    def make(name, mail="info@alone.example", phone="+31201234567"):
        asked, other = firm(name, mail, phone), firm("Other Goods Ltd", "sales@other.example", "+442079460123")
        shown = f"Sambal of {name}, call 020-123 4567"
        listing = Listing(
            key="2",
            name=shown,
            url="https://s.example/2",
            source="s",
            description=shown.upper(),
            brand=name,
            category=("Sauces", name),
            seller=other,
        )
        records = [
            Registration(key="1", party=asked, url="https://r.example/1", source="r"),
            listing,
            Notice(
                key="3", kind="award", title=f"Won by {name}", description=shown, url="https://t.example/3", source="t", parties=(other,)
            ),
            Place(
                key="4",
                party=firm("Toko Lain", address=f"c/o {name}", role_proof=f"agent of {name}"),
                url="https://p.example/4",
                source="p",
            ),
        ]
        db = open_market(home)
        save_seen(db, records, run_id="20261120T000000Z-r", now=NOW)
        db.close()
        (home.archive / NAME).write_bytes(
            page("https://r.example/1", json.dumps({"name": name, "tel": "020-123 4567"}).encode())
            + page("https://s.example/2", f"<p>{name}</p><td>{mail}</td>".encode())
            + page("https://o.example/3", b"<p>Other Goods Ltd</p>")
        )
        (home.exports / "sub").mkdir()
        (home.exports / "sub" / "a.csv").write_text(f"Company;Phone\n{name};020 123 4567\n", "utf-8")
        with ZipFile(home.exports / "b.xlsx", "w") as book:
            book.writestr("xl/sharedStrings.xml", f"<t>{name}</t><t>{mail}</t><t>+31201234567</t>")
        (home.exports / "c.csv").write_text("Company\nOther Goods Ltd\n", "utf-8")
        (home.logs / "old").mkdir()
        for path, pack in ((home.logs / "run.log", bytes), (home.logs / "old" / "run.log.gz", gzip.compress)):
            path.write_bytes(pack(f'first\nread "{name}" {mail} 020 123 4567\nlast\n'.encode()))
        back_up(home, now=NOW.replace(hour=0))
        return home

    return make


def everything(home):
    """All bytes of the home, unpacked, folded."""
    found = b""
    for path in sorted(home.root.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        if data[:2] == b"PK":
            with ZipFile(path) as parts:
                data = b"".join(parts.read(name) for name in parts.namelist())
        found += data
    return found.decode("utf-8", "replace").casefold()


FIRMS = [
    "Leave Us Alone B.V.",
    "Müller & Söhne GmbH",
    "AH",
    "AH B.V.",
    "3M",
    "HEMA",
    "Asia Food Ltd",
    "Toko",
    "X B.V.",
    "東京食品株式会社",
]


@pytest.mark.parametrize("name", FIRMS)
def test_a_company_of_any_name_is_gone_from_everywhere(full, name):
    home = full(name)
    done = forget(home, "company", name, by="op", reason="asked by telephone", now=NOW)
    assert (done.parties, done.archive_records, done.exports_removed, done.logs_rewritten, done.backups_removed) == (1, 2, 2, 2, 1)
    text = everything(home)
    for cell in (f'"{name}"', f">{name}<", f"\n{name};", f'"{name}"]'):
        assert cell.casefold() not in text
    if len(name) > 3 and name != "Toko":
        assert name.casefold() not in text
    assert "info@alone.example" not in text.replace("sales@other", "")
    assert "other goods ltd" in text
    assert "first" in text
    assert "last" in text
    assert "toko lain" in text
    assert backups(home, "market")
    assert done.backed_up


@pytest.mark.parametrize("value", ["020 123 4567", "+31 20 1234567", "0031-20-1234567", "tel:+31201234567"])
def test_a_number_in_any_spelling_is_gone_from_everywhere(full, value):
    home = full("Leave Us Alone B.V.")
    done = forget(home, "phone", value, by="op", reason="asked", now=NOW)
    assert done.contacts == 1
    text = everything(home)
    digits = "".join(filter(str.isdigit, text))
    assert "201234567" not in digits
    assert "leave us alone" in text


@pytest.mark.parametrize("value", ["www.alone.example", "ALONE.example", "https://shop.alone.example/contact", "info@alone.example"])
def test_a_domain_stands_for_all_of_it(full, value):
    home = full("Leave Us Alone B.V.", mail="info@shop.alone.example")
    assert forget(home, "domain", value, by="op", reason="asked", now=NOW).parties == 1
    assert "alone.example" not in everything(home)
    assert "leave us alone" not in everything(home)


@pytest.mark.parametrize("value", ["mailto:INFO@Alone.example", "Info <info@alone.example>", "info＠alone.example"])
def test_an_address_as_people_paste_it(full, value):
    home = full("Leave Us Alone B.V.")
    assert forget(home, "email", value, by="op", reason="asked", now=NOW).contacts == 1
    assert "info@alone.example" not in everything(home)


@pytest.mark.parametrize(("kind", "value"), [("company", "Leave Us Alone"), ("email", "info@alone.example"), ("phone", "020 123 4567")])
def test_notes_of_advisors_lose_it_too(full, kind, value):
    home = full("Leave Us Alone B.V.")
    note = "spoke to LEAVE US ALONE (Info@alone.example, +31 20 123 4567) about prices"
    at = NOW.isoformat()
    add_follow_up(home, FollowUp(lead_id="l", status="contacted", entered_at=at, entered_by="op", note=note))
    add_decision(home, Decision(kind="not_a_buyer", party_a="p", party_b=None, entered_at=at, entered_by="op", note=note))
    back_up(home, now=NOW.replace(hour=1), kinds=("desk",))
    forget(home, kind, value, by="op", reason="asked", now=NOW)
    text = everything(home)
    gone = {"company": "leave us alone", "email": "info@alone.example", "phone": "+31 20 123 4567"}[kind]
    assert gone not in text
    assert text.count("about prices") == 4
    assert len(backups(home, "desk")) == 1


@pytest.mark.parametrize(("kind", "value"), [("company", "Leave Us Alone"), ("email", "info@alone.example"), ("phone", "020 123 4567")])
def test_a_search_that_somebody_keeps_goes_with_whom_it_looks_for(full, kind, value):
    home = full("Leave Us Alone B.V.")
    for name, asked in (("Alone", {"q": value, "country": "NL"}), (f"to {value}", {"q": "sambal"}), ("Others", {"q": "other goods"})):
        keep_search(home, KeptSearch(name=name, address=urlencode(asked), entered_at=NOW.isoformat(), entered_by="op"))
    forget(home, kind, value, by="op", reason="asked", now=NOW)
    assert [one.name for one in searches_of(home, "op")] == ["Others"]


def test_every_text_of_the_desk_is_searched_or_names_no_buyer():
    ids = {
        "kind",
        "party_a",
        "party_b",
        "id",
        "hash",
        "lead_id",
        "shortlist",
        "exporter",
        "party_id",
        "workbook",
        "source",
        "product",
        "key",
    }
    ours = {"entered_at", "entered_by", "status", "verdict", "columns", "made_at", "taken_at", "due", "contacted_on", "terms_read", "basis"}
    own = {("exporters", name) for name in ("name", "town", "offers", "languages", "certificates")} | {
        ("shortlists", "owner"),
        ("meta", "value"),
    }
    db = Database(memory=True)
    desk_migrations.apply(db)
    texts = {(table.name, name) for table in db.tables if table.name[0] != "_" for name, kind in table.columns_dict.items() if kind is str}
    searched = {(table, column) for table, columns in NOTES.items() for column in columns} | {
        ("saved_searches", "name"),
        ("saved_searches", "address"),
    }
    assert {one for one in texts - searched - own if one[1] not in ids | ours} == set()


def test_colleagues_who_write_meanwhile_do_not_stop_it(full):
    home, over = full("Leave Us Alone B.V."), Event()
    step = FollowUp(lead_id="l", status="contacted", entered_at=NOW.isoformat(), entered_by="op", note="to info@alone.example")
    with write_desk(home) as db:
        write_rows(db, "follow_ups", [to_row(step)] * 500)

    def write():
        while not over.is_set():
            add_follow_up(home, replace(step, note="another"))

    with ThreadPoolExecutor(4) as threads:
        running = [threads.submit(write) for _ in range(4)]
        try:
            forget(home, "email", "info@alone.example", by="op", reason="asked", now=NOW)
        finally:
            over.set()
        assert [one.result() for one in running] == [None] * 4
    assert "info@alone.example" not in everything(home)


def test_an_erasure_that_was_killed_is_finished_by_the_next_refresh(full):
    """Killed once the list had it and before anything was taken out."""
    home = full("Leave Us Alone B.V.")
    refresh(home, now=NOW)
    do_not_contact(home, "email", "info@alone.example", by="op", reason="asked", now=NOW.replace(hour=3))
    do_not_contact(home, "company", "Leave Us Alone", by="op", reason="asked", now=NOW.replace(hour=3))
    refresh(home, now=NOW.replace(hour=4))
    db = open_market(home)
    texts = " ".join(str(row) for table in ("parties", "companies", "company_contacts", "listings") for row in db[table].rows)
    assert "leave us alone" not in texts.casefold()
    assert "info@alone.example" not in texts.casefold()
    db.close()


def test_reasons_of_an_older_program_lose_it_too(full):
    home = full("Leave Us Alone B.V.")
    said = "info@alone.example of Leave Us Alone asked"
    do_not_contact(home, "email", "x@y.example", by="op", reason=said, now=NOW)
    (home.logs / "forget.jsonl").write_text(
        json.dumps({"at": "1", "reason": said}) + "\n" + json.dumps({"at": "2", "reason": "asked"}) + "\n"
    )
    forget(home, "company", "Leave Us Alone", by="op", reason="asked", now=NOW)
    assert "leave us alone" not in everything(home)
    proofs = [json.loads(line) for line in (home.logs / "forget.jsonl").read_text("utf-8").splitlines()]
    assert [(proof["at"], proof["reason"]) for proof in proofs[:2]] == [("1", "[removed]"), ("2", "asked")]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("company", "Leave us alone BV"),
        ("company", "leave-us-alone"),
        ("domain", "www.alone.example"),
        ("phone", "020 123 4567"),
        ("email", "info@alone.example"),
    ],
)
def test_the_same_answers_read_again_bring_nothing_back(full, kind, value):
    home = full("Leave Us Alone B.V.")
    forget(home, kind, value, by="op", reason="asked", now=NOW)
    asked = firm("Leave Us Alone B.V.", emails_text=("info@alone.example",), phones_text=("020-123 4567",))
    other = firm("Other Goods Ltd", address="at LEAVE US ALONE, tel 020 123 4567", role_proof="mail info@alone.example")
    text = "Sambal by Leave us alone, info [at] alone.example, +31 (0)20 1234567, www.alone.example"
    stamp = {"source": "n", "url": "https://n.example/1"}
    records = [
        Registration(key="11", party=asked, **stamp),
        Listing(key="12", name=text, description=text, brand="Leave Us Alone", category=(text,), seller=asked, **stamp),
        Listing(key="13", name=text, description=text, seller=other, **stamp),
        Notice(key="14", kind="award", title=text, description=text, parties=(asked, other), **stamp),
        Refusal(key="15", reason=text, product_text=text, **stamp),
    ]
    context = Context(as_of=NOW.date(), suppressed=suppressed(home))
    kept = [record for record in map(partial(_kept, context=context), records) if record is not None]
    assert len(kept) == (4 if kind in ("company", "domain") else 5)
    db = open_market(home)
    save_seen(db, kept, run_id="20261126T000000Z-r", now=NOW)
    db.close()
    shown = everything(home)
    if kind in ("company", "domain"):
        assert "leave us alone" not in shown
    if kind in ("email", "domain"):
        assert "alone.example" not in shown.replace("www.alone.example", "" if kind == "email" else "www.alone.example")
    if kind == "phone":
        assert "201234567" not in "".join(filter(str.isdigit, shown))


def _kept(record, context):
    try:
        return keep_business_contacts(clean(record, context), context)
    except Rejection:
        return None


def snapshot(home):
    return {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file() and path.suffix not in (".db-wal", ".db-shm")}


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("company", "B.V.", "asked"),
        ("domain", "gmail.com", "asked"),
        ("domain", "www.facebook.com/leaveusalone", "asked"),
        ("phone", "12", "asked"),
        ("email", "info@alone.example", "mail from Info@Alone.example"),
        ("email", "info@alone.example", "jane@private.example asked"),
        ("phone", "020 123 4567", "called from +31 20 1234567"),
        ("company", "Leave Us Alone B.V.", "the owner of LEAVE US ALONE asked"),
        ("domain", "alone.example", "see https://alone.example/contact"),
    ],
)
def test_what_is_refused_changes_nothing(full, kind, value, reason):
    home = full("Leave Us Alone B.V.")
    before = snapshot(home)
    with pytest.raises(BadSuppression):
        forget(home, kind, value, by="op", reason=reason, now=NOW)
    after = snapshot(home)
    assert not suppressed(home)
    assert {path for path in before if before[path] != after.get(path)} == set()


def test_while_a_crawl_writes_nothing_is_changed(full):
    home = full("Leave Us Alone B.V.")
    before = snapshot(home)
    with (home.archive / NAME).open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(ArchiveBusy, match="nothing was changed"):
            forget(home, "company", "Leave Us Alone", by="op", reason="asked", now=NOW)
    after = snapshot(home)
    assert not suppressed(home)
    assert {path for path in before if before[path] != after.get(path)} == set()


def test_an_unknown_word_does_not_blank_out_others(full):
    home = full("Nusantara Foods B.V.")
    forget(home, "company", "Nusantara", by="op", reason="asked", now=NOW)
    assert b"Nusantara Foods" in b"".join(gzip.decompress((home.archive / NAME).read_bytes()).splitlines())
    assert "nusantara foods b.v." in everything(home)


@pytest.mark.parametrize(
    ("name", "city"), [("Rotterdam B.V.", "Rotterdam"), ("Sambal Oelek B.V.", "Zwolle"), ("London Foods Ltd", "London")]
)
def test_a_firm_called_like_a_town_or_goods_does_not_take_them_along(home, name, city):
    word = name.rpartition(" ")[0]
    other = Party(name=f"Toko {word}", country="NL", city=city, address=f"Straat 1, {word}")
    listing = Listing(
        key="2",
        name=f"{word} 200 g",
        description=f"Best {word}, not of {name}!",
        brand=word,
        url="https://s.example/2",
        source="s",
        seller=other,
    )
    db = open_market(home)
    save_seen(
        db, [Registration(key="1", party=firm(name), url="https://r.example/1", source="r"), listing], run_id="20261120T000000Z-r", now=NOW
    )
    db.close()
    assert forget(home, "company", name, by="op", reason="asked", now=NOW).parties == 1
    db = open_market(home)
    assert db.conn.execute("select name, city, address from parties").fetchall() == [(f"Toko {word}", city, f"Straat 1, {word}")]
    assert db.conn.execute("select name, description, brand from listings").fetchall() == [
        (f"{word} 200 g", f"Best {word}, not of [removed]{'.' if name.endswith('.') else ''}!", "[removed]")
    ]
    db.close()
    again = keep_business_contacts(listing, Context(as_of=NOW.date(), products=chosen_products(["sambal"]), suppressed=suppressed(home)))
    assert (again.name, again.brand, again.seller.city, again.seller.address) == (f"{word} 200 g", None, city, f"Straat 1, {word}")


def test_a_restored_backup_forgets_again_in_texts_too(full):
    from scripts.backup import restore

    home = full("Leave Us Alone B.V.")
    (old,) = backups(home, "market")
    kept = home.root.parent / old.path.name
    kept.write_bytes(old.path.read_bytes())
    forget(home, "company", "Leave Us Alone", by="op", reason="asked", now=NOW)
    restore(home, kept, now=NOW)
    for path in home.backups.glob("market*"):
        path.unlink()
    kept.unlink()
    assert "leave us alone" not in everything(home)


@pytest.mark.parametrize(
    ("arguments", "indonesian", "english"),
    [
        (("domain", "gmail.com", "--reason", "asked"), "dipakai banyak perusahaan", "used by many firms"),
        (("company", "B.V.", "--reason", "asked"), "bentuk badan usaha", "only a legal form"),
        (("phone", "12", "--reason", "asked"), "+31 20 123 4567", "+31 20 123 4567"),
        (("email", "x", "--reason", "asked"), "e-mail", "e-mail address"),
        (("email", "info@alone.example", "--reason", "info@alone.example asked"), "Alasan", "reason"),
    ],
)
def test_a_refusal_says_what_to_do_in_both_languages(full, tembus, arguments, indonesian, english):
    full("Leave Us Alone B.V.")
    for language, words in (("id", indonesian), ("en", english)):
        found = tembus("--lang", language, "forget", *arguments, "--yes")
        assert found.code == 2
        assert words in found.err


def test_a_busy_archive_is_said(full, tembus):
    home = full("Leave Us Alone B.V.")
    with (home.archive / NAME).open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        found = tembus("forget", "company", "Leave Us Alone", "--reason", "asked", "--yes")
    assert found.code == 1
    assert "tidak ada yang diubah" in found.err


def test_without_room_for_a_backup_the_erasure_stands_and_is_said(full, tembus, monkeypatch):
    from scripts import backup

    home = full("Leave Us Alone B.V.")
    monkeypatch.setattr(backup, "SPARE", 1 << 60)
    found = tembus("forget", "company", "Leave Us Alone", "--reason", "asked", "--yes")
    assert found.code == 0
    assert "tembus backup" in found.err
    assert "leave us alone" not in everything(home)
