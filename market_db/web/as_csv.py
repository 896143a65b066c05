"""A page's table as CSV: the same address with ".csv" behind its path, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from market_db.exports.text import csv_text

AS_CSV = ".csv"
Value = str | int | float | bool | date | None


def wants_csv(request: Request) -> bool:
    """Whether the address asks for the table."""
    return request.url.path.endswith(AS_CSV)


def csv_address(request: Request) -> str:
    """Address of the table behind the page that is asked for; a path of ours, never another host."""
    query = request.url.query
    return "/" + request.url.path.strip("/") + AS_CSV + (f"?{query}" if query else "")


def csv_answer(head: Sequence[str], rows: Iterable[Sequence[Value]]) -> Response:
    """The table (RFC 4180, UTF-8 with BOM so that Excel reads it); no text in it is taken for a formula, see `csv_text`."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_shown(value) for value in row] for row in rows)
    return Response(
        out.getvalue().encode("utf-8-sig", "ignore"), media_type="text/csv; charset=utf-8", headers={"Content-Disposition": "attachment"}
    )


def _shown(value: Value) -> str:
    if isinstance(value, str):
        return csv_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else f"{value:.10g}"
