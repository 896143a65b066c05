"""Addresses of what advisors work with: exporters, shortlists, workbooks that come back, cards for address books."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from market_db.web import exporters, match, refused, shortlist_actions, shortlists, upload
from market_db.web.cards import card
from market_db.web.site import Site

Page = Callable[[Site, Request], Response]
PAGES: dict[str, Page] = {
    "/eksportir": exporters.exporter_list,
    "/eksportir/baru": exporters.new_exporter,
    "/eksportir/{exporter}": exporters.show_exporter,
    "/eksportir/{exporter}/pembeli": match.match,
    "/daftar": shortlists.lists,
    "/daftar/{list}": shortlists.show_list,
    "/kembali": upload.bring_back,
    "/kembali/{workbook}": upload.preview,
    "/ditolak": refused.refused,
}
FILES: dict[str, Page] = {"/pembeli/{lead}/kartu.vcf": card}
"""Addresses that answer with a file: they have no records behind ".json"."""
TABLES = ("/eksportir", "/eksportir/{exporter}/pembeli", "/daftar", "/daftar/{list}", "/ditolak")
"""Pages that are also a table, at the same address with ".csv" behind it."""
ACTIONS: dict[str, Page] = {
    "/eksportir/baru": exporters.keep_exporter,
    "/eksportir/{exporter}": exporters.keep_exporter,
    "/eksportir/{exporter}/arsipkan": exporters.retire_exporter,
    "/daftar/baru": shortlist_actions.make_list,
    "/daftar/tambah": shortlist_actions.add_to_list,
    "/daftar/{list}": shortlist_actions.change_list,
    "/daftar/{list}/urut": shortlist_actions.move,
    "/daftar/{list}/keluarkan": shortlist_actions.take_off,
    "/daftar/{list}/langkah": shortlist_actions.note_step,
    "/daftar/{list}/hapus": shortlist_actions.drop_list,
    "/daftar/{list}/ekspor": shortlist_actions.export_list,
    "/kembali/{workbook}": upload.confirm,
    "/kembali/{workbook}/buang": upload.throw_away,
}
UPLOADS: dict[str, Page] = {"/kembali": upload.receive}
"""Forms with a file."""
