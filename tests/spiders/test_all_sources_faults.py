"""Faults of every source: each golden answer is cut, replaced, and changed field by field; nothing breaks, nothing is invented."""

import copy
import dataclasses
import io
import json
import re
import zipfile
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
CUTS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)
HTML = b"<!DOCTYPE html><html><body><h1>Access denied</h1></body></html>"
OTHERS = (None, {"odd": 1}, ["odd"], True, "odd \ud800 text", 10**400, -1.5)
TAGS = "tags of a map: an open vocabulary"
KEYED = "names are data: codes, languages or positions"
OPTIONAL = "may be left out by its documentation"
MAY_BE_SILENT = {
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

MAY_BE_LEFT_OUT: dict[str, tuple[str, str]] = {
    "ted-xml_r20": (".*", "the schemas R2.0.8 and R2.0.9 are closed: nothing new is published in them"),
    "ted-xml_eforms": ("TotalAmount|WebsiteURI|StreetName|PostalZone", "optional in the schema"),
}
"""Start of a case -> elements (a pattern) that may be gone without a word, and why."""
EMPTY_IS_NONE = {"companies_house": "an empty body is how this search says that nothing matches"}

Path_ = tuple[str, ...]
Given = list[dict[str, Any]]


def read(name: str, answer: Answer) -> Given:
    """What the reader gives up to the point where it can no longer read."""
    found: Given = []
    try:
        found.extend(plain(one) for one in SOURCES[name]().read(answer))
    except BadAnswer as bad:
        found.append({"bad_answer": bad.reason, "detail": bad.detail})
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        pytest.fail(
            f"{name}: `read` ends with {type(error).__name__}: {error} where a field is missing or of another type: take fields with"
            f" `text_in`, `listed_in` and the like, which give None, and yield Rejected for a row without what it needs.\n{answer.body[:300]!r}"
        )
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
        return folder.parent.name, answer, json.loads(answer.body.decode(json.detect_encoding(answer.body)))
    except UnicodeDecodeError:
        return folder.parent.name, answer, json.loads(answer.body.decode("latin-1")) if answer.body.startswith(b"{") else None
    except ValueError:
        return folder.parent.name, answer, None


def test_a_cut_answer_is_noticed_and_json_is_refused(case: tuple[str, Answer, object]) -> None:
    name, answer, document = case
    whole = records(read(name, answer))
    for share in CUTS:
        body = answer.body[: int(len(answer.body) * share)]
        given = read(name, dataclasses.replace(answer, body=body))
        if body.rstrip() != answer.body.rstrip():
            assert not (records(given) and document is not None), share
            assert troubled(given) or not whole or (not body and name in EMPTY_IS_NONE), share


def test_other_things_in_its_place_give_no_record(case: tuple[str, Answer, object]) -> None:
    name, answer, _ = case
    usual = read(name, answer)
    for body in (HTML, b"", b"\x00" * 50):
        given = read(name, dataclasses.replace(answer, body=body))
        assert not records(given)
        assert troubled(given) or not records(usual) or (not body and name in EMPTY_IS_NONE)
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


def renamed_texts(body: bytes) -> Iterator[tuple[str, bytes]]:
    """(name, body) for each heading of a table, element of XML, and heading, label, class and data attribute of HTML."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            (member,) = packed.namelist()
            for name, inner in renamed_texts(packed.read(member)):
                out = io.BytesIO()
                with zipfile.ZipFile(out, "w") as written:
                    written.writestr(member, inner)
                yield name, out.getvalue()
    elif body.lstrip().startswith(b"<"):
        yield from renamed_marks(body.decode())
    elif not body.startswith(b"\x1f\x8b"):
        head, line, rest = body.decode("utf-8").partition("\n")
        sign = "\t" if "\t" in head else ","
        cells = head.rstrip("\r").split(sign)
        for at, cell in enumerate(cells):
            changed = sign.join([*cells[:at], f"X{at}", *cells[at + 1 :]])
            yield cell.strip('"\ufeff'), (changed + line + rest).encode()


def renamed_marks(text: str) -> Iterator[tuple[str, bytes]]:
    if "<html" not in text.lower() and "<?xml" in text:
        for name in dict.fromkeys(re.findall(r"<(?:\w+:)?(\w+)[\s>/]", text)):
            yield name, re.sub(rf"(</?(?:\w+:)?){name}(?=[\s>/])", r"\1Renamed", text).encode()
        return
    labels = re.findall(r"<th[^>]*>([^<]+)<|<tr><td>([^<]+)</td><td>(?:(?!<td).)*</tr>", text)
    for name in dict.fromkeys(next(filter(None, found)) for found in labels):
        yield name.strip(), text.replace(f">{name}<", ">Renamed<").encode()
    for name in dict.fromkeys(one for cell in re.findall(r'class="([^"]+)"', text) for one in cell.split()):
        yield name, re.sub(rf'(class="[^"]*?)\b{name}\b', r"\1renamed", text).encode()
    for name in dict.fromkeys(re.findall(r"\b(data-\w+)=", text)):
        yield name, text.replace(f"{name}=", "data-renamed=").encode()


def test_a_renamed_heading_or_element_is_named(case: tuple[str, Answer, object], request: pytest.FixtureRequest) -> None:
    name, answer, document = case
    usual = read(name, answer)
    if document is not None or not records(usual):
        return
    free = next((free for start, (free, _) in MAY_BE_LEFT_OUT.items() if request.node.callspec.id.startswith(start)), "-")
    for heading, body in renamed_texts(answer.body):
        given = read(name, dataclasses.replace(answer, body=body))
        if records(given) != records(usual) and not re.fullmatch(free, heading):
            news = json.dumps([one for one in said(given) if one not in said(usual)], ensure_ascii=False)
            assert heading.lower().rstrip(":") in news.lower(), f"{heading} renamed: {news[:300]}"
