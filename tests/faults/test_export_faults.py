"""Faults while a file is written: a full disk, a source of rows that fails, a place that cannot be written."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from market_db.exports.lead_row import LeadRow
from market_db.exports.lists import DiskFull, ExportFailed, write_csv, write_json
from market_db.workbook.writer import About, write_workbook

ROOT = Path(__file__).resolve().parents[2]
ROW = LeadRow(
    rank=1, lead_id="1", company_id="c", company="Contoh", country="NL", city=None, role="importer", score=50.0, grade="B",
    why_id="a", why_en="b", products=(), product="sambal", website="https://a.example/", email=None, phone=None, evidence_url=None,
    evidence_title=None, sources=(), n_sources=1, last_seen=None, first_seen=None, new=False,
)  # fmt: skip
ABOUT = About(created=datetime(2026, 11, 25, tzinfo=UTC), filter_words="", total=1, shown=1)

# Text that does not compress, so that the finished file outgrows the disk as well as the drafts do.
CHILD = """
import dataclasses, hashlib, resource, signal, sys
sys.path.insert(0, {root!r}); sys.path.insert(0, {tests!r})
from pathlib import Path
from test_export_faults import ROW, WRITERS
from market_db.exports.lists import DiskFull
limit = {limit!r}
if limit:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
rows = (dataclasses.replace(ROW, rank=n, note=hashlib.sha512(str(n).encode()).hexdigest()) for n in range({rows!r}))
try:
    WRITERS[{kind!r}](Path({path!r}), rows)
except DiskFull as error:
    print(error.message("id"))
    sys.exit(7)
"""


def _workbook(path, rows):
    return write_workbook(path, rows, language="id", markets=(), sources=(), runs={}, about=ABOUT)


def _csv(path, rows):
    return write_csv(path, rows, "id")


WRITERS = {"xlsx": _workbook, "csv": _csv, "json": write_json}
KINDS = sorted(WRITERS)


def run_child(command, path, kind, *, rows, limit=0):
    code = CHILD.format(root=str(ROOT), tests=str(Path(__file__).parent), path=str(path), kind=kind, rows=rows, limit=limit)
    return subprocess.run([*command, sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)


def check_untouched(done, folder, path):
    assert done.returncode == 7, done.stderr
    assert done.stdout.strip() == f"Berkas {path} tidak ditulis: ruang disk habis. Berkas lama, bila ada, tidak berubah."
    assert "Traceback" not in done.stderr, done.stderr
    assert [entry.name for entry in folder.iterdir()] == [path.name]
    assert path.read_text() == "yesterday"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limit", [1_000, 60_000, 300_000])
def test_a_file_that_may_not_grow_leaves_the_old_one(tmp_path, kind, limit):
    path = tmp_path / f"x.{kind}"
    path.write_text("yesterday")
    check_untouched(run_child([], path, kind, rows=3_000, limit=limit), tmp_path, path)


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare to mount a small disk")
@pytest.mark.parametrize(("kind", "size"), [("csv", "512k"), ("json", "512k"), ("xlsx", "512k"), ("xlsx", "4500k")])
def test_a_full_disk_leaves_the_old_file(tmp_path, kind, size):
    """A real small file system, mounted for the child alone; with 4,500 kB the rows fit and the finished parts do not."""
    path = tmp_path / f"x.{kind}"
    inside = f'mount -t tmpfs -o size={size} tmpfs "{tmp_path}" && printf yesterday > "{path}" && "$@"; code=$?; cat "{path}"; ls -A "{tmp_path}"; exit $code'
    if subprocess.run(["unshare", "-rm", "sh", "-c", f'mount -t tmpfs tmpfs "{tmp_path}"'], capture_output=True, check=False).returncode:
        pytest.skip("no user namespaces here")
    done = run_child(["unshare", "-rm", "sh", "-c", inside, "sh"], path, kind, rows=3_000)
    assert done.returncode == 7, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stdout.splitlines()[1:] == [f"yesterday{path.name}"]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_that_fail_halfway_leave_nothing(tmp_path, kind):
    def rows():
        yield ROW
        raise RuntimeError("the query broke")

    path = tmp_path / f"x.{kind}"
    with pytest.raises(RuntimeError, match="the query broke"):
        WRITERS[kind](path, rows())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_folder_is_named(tmp_path, kind):
    path = tmp_path / "none" / f"x.{kind}"
    with pytest.raises(ExportFailed, match="was not written: No such file or directory") as caught:
        WRITERS[kind](path, [ROW])
    assert caught.value.path == path
    assert not isinstance(caught.value, DiskFull)
    assert "tidak ditulis" in caught.value.message("id")


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_at_the_target_is_an_error_and_stays(tmp_path, kind):
    path = tmp_path / f"x.{kind}"
    path.mkdir()
    with pytest.raises(ExportFailed):
        WRITERS[kind](path, [ROW])
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_rights_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ExportFailed, match="Permission denied"):
        write_csv(tmp_path / "x.csv", [ROW], "id")


def test_an_old_file_is_replaced_whole_and_a_link_is_not_followed(tmp_path):
    elsewhere = tmp_path / "other.txt"
    elsewhere.write_text("mine")
    path = tmp_path / "x.xlsx"
    path.symlink_to(elsewhere)
    assert _workbook(path, [ROW]) == 1
    assert elsewhere.read_text() == "mine"
    assert load_workbook(path).worksheets[0]["B2"].value == "Contoh"
