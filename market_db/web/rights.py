"""Who may ask for what: one row for every address. An address without a row stops the program at its start."""

from dataclasses import dataclass

ANYBODY = "anybody"
"""Also who has not logged in."""
RANKS = {ANYBODY: 0, "reader": 1, "advisor": 2, "operator": 3}
"""Each may do what those before it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """Least role for a page, and for what is sent to it."""

    read: str = ""
    """GET, also of its records (".json"); empty = there is no such page."""
    write: str = ""
    """POST; empty = nothing can be sent."""
    audit: str = ""
    """Key of `deeds` in the words: kept in the audit when it was done; what is sent, or the page where nothing can be sent."""


READ, ENTER, RUN = Right(read="reader"), Right(write="advisor"), Right(read="operator")
RIGHTS: dict[str, Right] = {
    "/": READ,
    "/pembeli": READ,
    "/pembeli/{lead}": READ,
    "/pembeli/{lead}/bukti/{number:row}": READ,
    "/pembeli/{lead}/tindak-lanjut": ENTER,
    "/pembeli/{lead}/koreksi": ENTER,
    "/pembeli/{lead}/jangan-hubungi": Right(read="advisor", write="advisor", audit="do_not_contact"),
    "/jangan-hubungi": READ,
    "/ditolak": READ,
    "/pasar": READ,
    "/pasar/{product}/{country}": READ,
    "/pencarian": Right(write="reader"),
    "/pencarian/{number:row}/hapus": Right(write="reader"),
    "/pasar/{product}/{country}/ringkasan.pdf": READ,
    "/bantuan": READ,
    "/ekspor": Right(write="advisor", audit="export"),
    "/eksportir": READ,
    "/eksportir/baru": Right(read="advisor", write="advisor"),
    "/eksportir/{exporter}": Right(read="reader", write="advisor"),
    "/eksportir/{exporter}/pembeli": READ,
    "/eksportir/{exporter}/arsipkan": ENTER,
    "/daftar": READ,
    "/daftar/baru": ENTER,
    "/daftar/tambah": ENTER,
    "/daftar/{list}": Right(read="reader", write="advisor"),
    "/daftar/{list}/urut": ENTER,
    "/daftar/{list}/keluarkan": ENTER,
    "/daftar/{list}/langkah": ENTER,
    "/daftar/{list}/hapus": ENTER,
    "/daftar/{list}/ekspor": Right(write="advisor", audit="export"),
    "/kembali": Right(read="reader", write="advisor"),
    "/kembali/{workbook}": Right(read="reader", write="advisor"),
    "/kembali/{workbook}/buang": ENTER,
    "/pembeli/{lead}/kartu.vcf": Right(read="advisor", audit="export"),
    "/masuk": Right(read=ANYBODY, write=ANYBODY),
    "/keluar": Right(write="reader"),
    "/sandi": Right(read="reader", write="reader"),
    "/operator": RUN,
    "/sumber": RUN,
    "/sumber/{name}": RUN,
    "/sumber/{name}/ketentuan": Right(write="operator"),
    "/pembacaan": RUN,
    "/pembacaan/{run}/{source}": RUN,
    "/masalah": RUN,
    "/kesehatan": RUN,
    "/pengguna": Right(read="operator", write="operator"),
    "/pengguna/{name}": Right(write="operator"),
    "/jejak": RUN,
    "/data": Right(read="advisor"),
}


def least(path: str, method: str) -> str:
    """The role that a route asks for. Raises KeyError for a route nobody wrote a row for: that is our mistake."""
    right = RIGHTS[path]
    found = right.write if method == "POST" else right.read
    if not found:
        raise KeyError(f"{method} {path} has no row in market_db/web/rights.py")
    return found


def audited(path: str, method: str) -> str:
    """Key of the deed that a route is; empty = it is not kept."""
    right = RIGHTS[path]
    return right.audit if method == "POST" or not right.write else ""


def may(role: str, needed: str) -> bool:
    """Whether a role reaches that far."""
    return RANKS[role] >= RANKS[needed]
