from scripts.dictionary import TARGET, dictionary


def test_the_data_dictionary_is_fresh():
    assert TARGET.read_text("utf-8") == dictionary(), "run: python -m scripts.dictionary"


def test_every_field_of_a_seen_record_says_what_it_means():
    section = dictionary().split("## seen")[1].split("## derived")[0]
    rows = [row for row in section.splitlines() if row.startswith("| ") and not row.startswith("| field")]
    silent = [row for row in rows if row.endswith("|  |") and not any(name in row for name in ("| source |", "| evidence |"))]
    assert len(rows) > 100
    assert silent == []
