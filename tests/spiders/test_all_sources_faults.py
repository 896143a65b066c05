"""Faults of every source: each golden answer is cut, replaced, and changed field by field; nothing breaks, nothing is invented."""

import copy
import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.golden import answer_in, plain
from spiders.catalogue import load_spiders
from spiders.reading import Answer, BadAnswer

FIXTURES = Path(__file__).parent / "fixtures"
SOURCES = load_spiders()
CASES = sorted(folder.parent for folder in FIXTURES.glob("*/*/request.json") if folder.parent.parent.name in SOURCES)
CUTS = (0.0, 0.1, 0.5, 0.9, 0.99)
HTML = b"<!DOCTYPE html><html><body><h1>Access denied</h1></body></html>"
OTHERS = (None, {"odd": 1}, ["odd"], True, "odd \ud800 text", 10**400, -1.5)
OCDS = "OCDS: the standard's own names hold within a version, and publishers add fields inside objects all the time"
TAGS = "tags of a map: an open vocabulary"
KEYED = "names are data: codes, languages or positions"
OPTIONAL = "may be left out by its documentation"
MAY_BE_SILENT = {
    **dict.fromkeys(("austender", "etenders_za", "find_a_tender", "prozorro", "seao"), ("releases.", OCDS)),
    "all_the_places": ("features.[].properties", TAGS),
    "openstreetmap": ("", TAGS + "; its time stamp is optional"),
    "name_suggestion_index": ("items.[].tags", TAGS),
    "eurostat_comext": ("", KEYED),
    "wits_trains": ("", KEYED),
    "ted": ("notices.[].notice-title", KEYED),
    "fda_philippines": ("", "groups of the search: " + OPTIONAL),
    "uk_trade_tariff": ("included.", "JSON:API resources of many types; parts that measures need are checked by name"),
}
"""Source -> where a renamed field may pass without being named, and why."""

Path_ = tuple[str, ...]
Given = list[dict[str, Any]]


def read(name: str, answer: Answer) -> Given:
    """What the reader gives up to the point where it can no longer read."""
    found: Given = []
    try:
        found.extend(plain(one) for one in SOURCES[name]().read(answer))
    except BadAnswer as bad:
        found.append({"bad_answer": bad.reason, "detail": bad.detail})
    json.dumps(found, ensure_ascii=False).encode()  # no half of a surrogate pair in anything a table or log would be given
    assert all(len(str(one)) < 60_000 for one in found)
    return found


def records(given: Given) -> Given:
    return [one for one in given if "kind" in one]


def said(given: Given) -> Given:
    return [one for one in given if "kind" not in one]


def troubled(given: Given) -> bool:
    return any("bad_answer" in one or one.get("broken") for one in given)


def paths_in(node: object, at: Path_ = ()) -> Iterator[Path_]:
    """Where fields stand; rows of a list share one place."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield (*at, name)
            yield from paths_in(value, (*at, name))
    elif isinstance(node, list):
        for value in node:
            yield from paths_in(value, (*at, "[]"))


def changed(document: object, path: Path_, change: Callable[[dict[str, Any], str], None]) -> bytes:
    """The document with a field changed in every row."""
    whole = copy.deepcopy(document)
    at = [whole]
    for step in path[:-1]:
        inner = [one for each in at if isinstance(each, list) for one in each] if step == "[]" else []
        at = inner or [each[step] for each in at if isinstance(each, dict) and step in each]
    for each in at:
        if isinstance(each, dict) and path[-1] in each:
            change(each, path[-1])
    return json.dumps(whole).encode()


@pytest.fixture(params=CASES, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def case(request: pytest.FixtureRequest) -> tuple[str, Answer, object]:
    """Source, answer, and its document where it is JSON."""
    folder: Path = request.param
    answer = answer_in(folder)
    try:
        return folder.parent.name, answer, json.loads(answer.body)
    except ValueError:
        return folder.parent.name, answer, None


def test_cut_answers_are_no_crash_and_json_is_refused(case: tuple[str, Answer, object]) -> None:
    name, answer, document = case
    for share in CUTS:
        body = answer.body[: int(len(answer.body) * share)]
        given = read(name, dataclasses.replace(answer, body=body))
        if document is not None and body.rstrip() != answer.body.rstrip():
            assert not records(given), share
            assert troubled(given) or not body or not records(read(name, answer)), share


def test_other_things_in_its_place_give_no_record(case: tuple[str, Answer, object]) -> None:
    name, answer, _ = case
    usual = read(name, answer)
    for body in (HTML, b"", b"\x00" * 50):
        given = read(name, dataclasses.replace(answer, body=body))
        assert not records(given)
        assert troubled(given) or not body or not records(usual)
    middle = len(answer.body) // 2
    read(name, dataclasses.replace(answer, body=answer.body[:middle] + b"\xff\xfe\xc3\x28" + answer.body[middle:]))


def test_any_type_in_any_field_is_read_without_a_crash(case: tuple[str, Answer, object]) -> None:
    name, answer, document = case
    for path in dict.fromkeys(paths_in(document)):
        for value in OTHERS:
            read(name, dataclasses.replace(answer, body=changed(document, path, lambda row, key, new=value: row.update({key: new}))))


def test_a_renamed_field_is_named(case: tuple[str, Answer, object]) -> None:
    name, answer, document = case
    usual = read(name, answer)
    free, _why = MAY_BE_SILENT.get(name, ("\x00", ""))
    for path in dict.fromkeys(paths_in(document)):
        given = read(
            name, dataclasses.replace(answer, body=changed(document, path, lambda row, key: row.update({f"{key}2": row.pop(key)})))
        )
        if records(given) == records(usual) or (".".join(path) + ".").startswith(free):
            continue
        news = json.dumps([one for one in said(given) if one not in said(usual)], ensure_ascii=False)
        assert path[-1] in news, f"{'.'.join(path)} renamed: {news[:300]}"
