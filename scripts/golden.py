"""Golden answers: what a reader makes of a saved answer, in the form that `expected.json` holds."""

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from market_db.seen import kind_of
from spiders.base.spider import TembusSpider
from spiders.catalogue import load_families, load_spiders
from spiders.reading import Answer, BadAnswer, Issue, Read, Rejected
from spiders.site import Site


def answer_in(folder: Path) -> Answer:
    """The saved answer of a case: `request.json` names the file and how it was asked."""
    asked = json.loads((folder / "request.json").read_text("utf-8"))
    return Answer(
        body=(folder / asked["file"]).read_bytes(),
        url=asked["url"],
        status=asked["status"],
        headers=asked["headers"],
        method=asked["method"],
        asked=asked["body"].encode(),
    )


def plain(read: Read) -> dict[str, Any]:
    """What a reader gave, without the fields it left at their defaults."""
    if isinstance(read, Rejected):
        return {"rejected": read.reason, "example": read.example}
    if isinstance(read, Issue):
        return {"issue": read.kind, "detail": read.detail, "broken": read.broken}
    return {"kind": kind_of(read), **_filled(read)}


def _filled(record: Any) -> dict[str, Any]:
    pairs = ((field, getattr(record, field.name)) for field in dataclasses.fields(record))
    kept = {field.name: value for field, value in pairs if value != field.default}
    return {name: _rendered(value) for name, value in kept.items()}


def _rendered(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return _filled(value)
    return [_rendered(one) for one in value] if isinstance(value, tuple) else value


def read_plain(source: str, answer: Answer, sites: Iterable[Site] = ()) -> list[dict[str, Any]]:
    """Everything a source's reader gives of one answer; an answer it cannot read is one entry that says why.

    A declared site ("woo:toko") is read by its family, which needs its row among `sites`.
    """
    try:
        return [plain(read) for read in _spider(source, sites).read(answer)]
    except BadAnswer as bad:
        return [{"bad_answer": bad.reason, "detail": bad.detail}]


def _spider(source: str, sites: Iterable[Site]) -> TembusSpider:
    family = load_families().get(source.partition(":")[0])
    if family is None:
        return load_spiders()[source]()
    return family(sites=[site for site in sites if site.source == source])
