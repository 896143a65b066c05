"""Real answers of registers that firms are checked with, and of the index of chains."""

import json
from pathlib import Path

import pytest

from market_db.seen import Registration
from spiders.catalogue import load_spiders
from spiders.reading import Answer, Issue


def read(source, body, url="https://x.example/"):
    return list(load_spiders()[source]().read(Answer(body=body, url=url)))


def firms(found):
    return [item for item in found if isinstance(item, Registration)]


def test_real_lei_records(corpus: Path):
    body = (corpus / "buyers" / "gleif" / "gleif_names_deutsche_bank.json").read_bytes()
    found = read("gleif", body)
    assert len(firms(found)) == 5
    assert {firm.party.country_text for firm in firms(found)} >= {"AT"}
    assert [item.kind for item in found if isinstance(item, Issue)] == ["partial_answer"]  # 5 of 397 of that name came
    asked = "https://api.gleif.org/api/v1/lei-records?filter%5Bentity.legalName%5D=Deutsche+Bank+SA+Espa%C3%B1ola"
    assert [firm.key for firm in firms(read("gleif", body, asked))] == ["529900SICIK5OVMVY186"]


def test_real_eori_answer(corpus: Path):
    found = read("eu_eori", (corpus / "buyers" / "eori" / "eos_cz_nl.xml").read_bytes())
    assert [(firm.key, firm.party.city) for firm in firms(found)] == [("CZ00177041", "Mladá Boleslav II")]
    assert len(found) == 2


def test_real_companies_house_answer(corpus: Path):
    (path,) = (corpus / "buyers" / "companies_house").glob("*RELEASE_ART*")
    body = json.dumps(json.loads(path.read_bytes())["content"]["json"]).encode()
    found = read("companies_house", body)
    assert [firm.key for firm in firms(found)] == ["14200734"]
    assert not [item for item in found if isinstance(item, Issue)]


@pytest.mark.parametrize(("name", "least"), [("supermarket", 1000), ("wholesale", 60), ("convenience", 800)])
def test_real_index_of_chains(corpus: Path, name, least):
    found = read("name_suggestion_index", (corpus / "buyers" / "nsi" / f"brands_shop_{name}.json").read_bytes())
    assert len(firms(found)) > least
    assert len({firm.key for firm in firms(found)}) == len(firms(found))
    assert not [item for item in found if isinstance(item, Issue)]
