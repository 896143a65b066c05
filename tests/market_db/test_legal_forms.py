"""Legal forms of many traditions, at either end: what is taken off, as which family, and what only looks like a form."""

import csv
from pathlib import Path

import pytest

from market_db.values.names import core_and_form

ROWS = [tuple(line.split("\t")) for line in Path(__file__).with_name("legal_forms.tsv").read_text("utf-8").splitlines() if line.strip()]
LEAST_ABBREVIATIONS = 0.65
"""Of the ELF list's abbreviations in force; the rest are associations, authorities, funds and letters that are also words."""


@pytest.mark.parametrize(("name", "core", "family"), ROWS)
def test_a_form_is_taken_off_and_named(name, core, family):
    assert core_and_form(name) == (core, None if family == "-" else family)


def test_most_abbreviations_of_the_elf_list_are_known(corpus):
    path = corpus / "companies" / "elf-codes-1.4.1.csv"
    if not path.exists():
        pytest.skip("the ELF list is not here")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["ELF Status ACTV/INAC"] == "ACTV" and row["Country of formation"]]
    texts = (row[name] for row in rows for name in ("Abbreviations Local language", "Abbreviations transliterated"))
    forms = [form.strip() for text in texts for form in text.split(";") if form.strip()]
    known = sum(any(core_and_form(name)[1] for name in (f"Zyxqo {form}", f"{form} Zyxqo", f"Zyxqo, {form}")) for form in forms)
    assert known / len(forms) >= LEAST_ABBREVIATIONS
