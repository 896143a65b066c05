"""Filled workbooks come back: looked at row by row first, then taken over; what a colleague entered meanwhile is never lost."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from market_db.desk.entered import ReturnedRow, ReturnedWorkbook
from market_db.desk.returned import all_returned, drop_returned, filled, returned
from market_db.desk.shortlists import shortlist, shortlists
from market_db.desk.taking import changes, described, is_refused, keep, take
from market_db.home import Home
from market_db.values.text import clean
from market_db.web.actions import form_of
from market_db.web.buyer import refuse_readers
from market_db.web.services import CannotDo
from market_db.web.shortlist_actions import now
from market_db.web.site import Site
from market_db.workbook.apart import read_apart
from market_db.workbook.changes import SAME, RowChange
from market_db.workbook.problem import Problem
from market_db.workbook.reader import ReadBack

MOST_UPLOAD = 40 * 1024 * 1024
"""Bytes of a workbook; 100,000 leads take half of it."""
MOST_DRAINED = 400 * 1024 * 1024
"""Bytes of a file too large that are still received: a browser shows the answer only after it has sent everything."""
FIELD = "workbook"
MOST_SHOWN = 300
"""Rows of a preview on the page; the records (".json") hold all."""


class TooLarge(Exception):
    """Raised while a file is received that is larger than any workbook of ours."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it arrived."""

    name: str
    body: bytes


async def read_upload(request: Request) -> Sent:
    """The file of a form. Raises HTTPException: 413 for one too large, 400 for a form that is none of ours or holds no file."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise HTTPException(400)
    stream = request.stream()
    try:
        form = await MultiPartParser(request.headers, _limited(stream), max_files=1, max_fields=5, max_part_size=4_096).parse()
    except TooLarge as error:
        await _drain(stream)
        raise HTTPException(413) from error
    except (MultiPartException, ClientDisconnect) as error:
        raise HTTPException(400) from error
    file = form.get(FIELD)
    if not isinstance(file, UploadFile):
        raise HTTPException(400)
    try:
        return Sent(clean(file.filename or "", 120), await file.read())
    finally:
        await file.close()


async def _limited(stream: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    size = 0
    async for part in stream:
        size += len(part)
        if size > MOST_UPLOAD:
            raise TooLarge
        yield part


async def _drain(stream: AsyncGenerator[bytes, None]) -> None:
    """Receive and forget the rest, up to a limit."""
    size = MOST_UPLOAD
    async for part in stream:
        size += len(part)
        if size > MOST_DRAINED:
            return


def bring_back(site: Site, request: Request) -> Response:
    """Where a filled workbook is brought, and those that came before."""
    words = site.words(request)
    found = all_returned(site.home)
    return site.page(
        request,
        "bring_back.html",
        data={"workbooks": found},
        words=words,
        found=found,
        names={one.id: one.name for one in shortlists(site.home)},
        most=MOST_UPLOAD // (1024 * 1024),
        trouble="",
        gone=request.query_params.get("said") == "gone",
    )


def receive(site: Site, request: Request) -> Response:
    """Read a workbook apart from everything else, keep what it says, and show what it would change."""
    by, words = refuse_readers(site, request), site.words(request)
    sent: Sent = request.state.sent
    found = _read(sent)
    if is_refused(found):
        told = " ".join(one.say(words.language) for one in found.problems)
        values = {"found": all_returned(site.home), "names": {}, "most": MOST_UPLOAD // (1024 * 1024), "trouble": told, "gone": False}
        return site.page(request, "bring_back.html", 400, data={"error": told}, words=words, **values)
    one = described(site.home, found, sent.name or "?", by=by, at=now())
    with site.shelf() as shelf:
        keep(site.home, one, changes(site.home, shelf.db, one, found.rows))
    return RedirectResponse(f"/kembali/{one.id}", 303)


def _read(sent: Sent) -> ReadBack:
    with TemporaryDirectory(prefix="tembus-") as folder:
        # A name of ours: nothing the browser says becomes part of a path
        path = Path(folder) / "workbook.xlsx"
        path.write_bytes(sent.body)
        return read_apart(path)


def the_workbook(home: Home, request: Request) -> tuple[ReturnedWorkbook, list[ReturnedRow]]:
    """The workbook of the address. Raises HTTPException(404)."""
    found = returned(home, str(request.path_params["workbook"]))
    if found is None:
        raise HTTPException(404)
    return found


def preview(site: Site, request: Request) -> Response:
    """Row by row: what would change, what somebody else changed meanwhile, what nobody knows; after it was taken over, what was."""
    words = site.words(request)
    one, rows = the_workbook(site.home, request)
    with site.shelf() as shelf:
        told = changes(site.home, shelf.db, one, [filled(row) for row in rows])
    groups = {kind: [change for change in told if change.kind == kind] for kind in ("conflict", "change", "unknown")}
    renamed = [change for change in told if change.renamed and change.lead]
    off = [change for change in told if change.off_list and change.kind != SAME]
    return site.page(
        request,
        "returned.html",
        data={"workbook": one, "rows": [_record(change) for change in told]},
        words=words,
        one=one,
        groups=groups,
        renamed=renamed,
        off=off,
        names={change.row.lead_id: change.lead.company for change in told if change.lead},
        taken=[row for row in rows if row.taken],
        left=[row for row in rows if row.taken is False],
        problems=[_say(problem, words.language) for problem in one.problems],
        listed=shortlist(site.home, one.shortlist) if one.shortlist else None,
        most=MOST_SHOWN,
        labels=_labels(words.language),
    )


def _record(change: RowChange) -> dict[str, object]:
    lead = {"lead_id": change.lead.lead_id, "company": change.lead.company} if change.lead else None
    return {"row": change.row.row, "kind": change.kind, "lead": lead, "cells": change.cells, "renamed": change.renamed}


def _say(problem: Problem, language: str) -> str:
    return problem.say("id" if language == "id" else "en")


def _labels(language: str) -> Mapping[str, str]:
    from market_db.workbook.words import words_of

    return words_of("id" if language == "id" else "en").table["columns"]


def confirm(site: Site, request: Request) -> Response:
    """Take over what the person who brought it decided; compared anew, so that the page may be as old as it likes."""
    by, words, form = refuse_readers(site, request), site.words(request), form_of(request)
    one, rows = the_workbook(site.home, request)
    if one.taken_at:
        return RedirectResponse(f"/kembali/{one.id}", 303)
    chosen = {int(row) for row in request.state.fields.get("take", []) if row.isascii() and row.isdigit() and len(row) < 9}
    every = form.get("conflicts") == "workbook"
    with site.shelf() as shelf:
        done = take(site.home, shelf.db, one, rows, by=by, at=now(), conflicts=None if every else chosen)
    if done is None:
        raise CannotDo(words.say("back.taken_meanwhile"))
    return RedirectResponse(f"/kembali/{one.id}", 303)


def throw_away(site: Site, request: Request) -> Response:
    """A workbook that was not taken over goes; nothing else changes."""
    refuse_readers(site, request)
    one, _ = the_workbook(site.home, request)
    drop_returned(site.home, one.id)
    return RedirectResponse("/kembali?said=gone", 303)
