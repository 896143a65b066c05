"""Binary workbooks (XLSB) under other names, as the Canadian Importers Database publishes them: written here record by record.

The format is [MS-XLSB]: a record is its number, its size (seven bits a byte) and its payload; texts are UTF-16 with their length before.
"""

import io
import struct
import zipfile
from collections.abc import Sequence

import pytest

from market_db.seen import Registration
from spiders.reading import Answer, BadAnswer, Issue
from spiders.registers.canada_importers_files import read_file

URL = "https://ised-isde.canada.ca/documents/cid-bdic-majorimportersbyhs6{}.xls"
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Target="worksheets/sheet1.bin" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>'
)
HEADER = ("HS6-SH6", "COMPANY-ENTREPRISE", "COUNTRY", "PAYS", "PROVINCE_ENG", "PROVINCE_FRA", "CITY-VILLE", "POSTAL_CODE-CODE_POSTAL", "DATA_YEAR-ANNÉE_DES_DONNÉES")  # fmt: skip


def record(number: int, payload: bytes = b"") -> bytes:
    head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
    size, left = bytearray(), len(payload)
    while left > 0x7F:
        size.append(left & 0x7F | 0x80)
        left >>= 7
    return head + bytes([*size, left]) + payload


def wide(text: str) -> bytes:
    units = text.encode("utf-16-le")
    return struct.pack("<I", len(units) // 2) + units


def cell(column: int, value: float | str) -> bytes:
    at = struct.pack("<II", column, 0)
    return record(6, at + wide(value)) if isinstance(value, str) else record(5, at + struct.pack("<d", value))


def xlsb(sheet: str, rows: Sequence[Sequence[float | str]]) -> bytes:
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide(sheet)) + record(144) + record(132)
    lines = (
        record(0, struct.pack("<I", at) + bytes(21)) + b"".join(cell(c, value) for c, value in enumerate(row))
        for at, row in enumerate(rows)
    )
    size = record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("xl/workbook.bin", book)
        packed.writestr("xl/_rels/workbook.bin.rels", RELATIONS)
        packed.writestr("xl/worksheets/sheet1.bin", record(129) + size + record(145) + b"".join(lines) + record(146) + record(130))
    return out.getvalue()


def read(body: bytes, name: str = "bycountry2024") -> list:
    return list(read_file(Answer(body=body, url=URL.format(name)), frozenset()))


def test_xlsb_called_xls_is_read_by_its_content() -> None:
    row = (90421.0, "PEPPER (SAMPLE) INC.", "Indonesia", "Indonésie", "Quebec", "Québec", "Montréal", "H2X 1Y4", 2024.0)
    (kept,) = read(xlsb("pQRY003_CITY", [HEADER, row]))
    assert isinstance(kept, Registration)
    assert (kept.product_codes, kept.periods, kept.party.city, kept.party.country) == (("hs:090421",), ("2024",), "Montréal", "CA")
    assert kept.party.role_proof == "major Canadian importer of HS 090421 from Indonesia in 2024"


def test_a_renamed_heading_of_a_workbook_is_named() -> None:
    with pytest.raises(BadAnswer, match=r"wanted HS6-SH6, COMPANY-ENTREPRISE, COUNTRY; the first row is HS6-SH6 \| FIRM"):
        read(xlsb("x", [("HS6-SH6", "FIRM", "COUNTRY"), (210390.0, "A", "B")]))


@pytest.mark.parametrize("cut", [0, 1, 200, 600])
def test_a_workbook_that_broke_off_is_a_bad_answer(cut: int) -> None:
    with pytest.raises(BadAnswer):
        read(xlsb("x", [HEADER, (210390.0, "A (SAMPLE) LTD")])[:cut])


def test_a_file_without_the_origin_reports_no_missing_country() -> None:
    reads = read(xlsb("x", [tuple(name for name in HEADER if name not in ("COUNTRY", "PAYS")), (210390.0, "A (SAMPLE) LTD")]), "2024")
    assert [one for one in reads if isinstance(one, Issue)] == []
