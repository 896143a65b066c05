"""What is done on the command line stands in the audit of the workspace too, where there is one."""

import pytest

from market_db.access.audit import deeds, record


@pytest.fixture
def kept(seeded, records):
    """A home whose workspace keeps an audit."""
    record(seeded, "login", who="sari", address="127.0.0.1", now=records.NOW)
    return seeded


def lines(home, what):
    return [(one.who != "", one.address, one.about) for one in deeds(home, what=what)[0]]


@pytest.mark.parametrize(
    ("given", "about"),
    [
        (("--country", "GB"), "xlsx 1 negara Inggris Raya"),
        (("--format", "csv"), "csv 4"),
        (("--text", "nusantara", "--format", "json"), "json 1 …"),
    ],
)
def test_an_export_is_a_line_without_what_was_searched_for(kept, tembus, given, about):
    done = tembus("export", *given)
    assert done.code == 0
    ((named, address, told),) = lines(kept, "export")
    assert named
    assert address == "terminal"
    assert "nusantara" not in told
    assert [word for word in about.split() if word.casefold() not in told.casefold()] == []


def test_without_an_audit_none_is_made(seeded, tembus):
    assert tembus("export").code == 0
    assert not seeded.access.exists()


def test_an_export_whose_line_cannot_be_written_does_not_stay(kept, tembus):
    kept.access.write_bytes(b"no database" * 400)
    done = tembus("export", "--output", "keluar")
    assert done.code == 1
    assert "Traceback" not in done.err
    assert not (kept.exports / "keluar.xlsx").exists()


def test_do_not_contact_is_a_line_that_names_nobody(kept, tembus):
    assert tembus("forget", "email", "info@a.example", "--reason", "telepon", "--yes").code == 0
    assert lines(kept, "do_not_contact") == [(True, "terminal", "email")]


def test_terms_are_a_line_with_the_source(kept, tembus):
    done = tembus("sources", "approve", "open_food_facts", "--basis", "dibaca, ODbL")
    assert done.code == 0, done.err
    assert lines(kept, "terms_approved") == [(True, "terminal", "open_food_facts")]
