"""A bulk file is asked in parts and read whole, or not at all."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.hostile_server import Reply, serving

DRIVER = Path(__file__).with_name("bulk_driver.py")
BODY = b"".join(b"%07d,row\n" % n for n in range(5_000))
PART = 20_000


def part_of(body, asked, *, etag='"one"'):
    start, _, end = asked.headers["range"].removeprefix("bytes=").partition("-")
    cut = body[int(start) : int(end) + 1]
    return Reply(cut, status=206, headers={"Content-Range": f"bytes {start}-{int(start) + len(cut) - 1}/{len(body)}", "ETag": etag})


class Changing:
    """Another file from the second part on."""

    def __init__(self):
        self.times = 0

    def __call__(self, asked):
        self.times += 1
        return part_of(BODY, asked, etag=f'"{min(self.times, 2)}"')


class Dying(Changing):
    def __call__(self, asked):
        self.times += 1
        return part_of(BODY, asked) if self.times < 2 else Reply(status=500)


ROUTES = {
    "parts.example": lambda asked: part_of(BODY, asked),
    "whole.example": Reply(BODY),
    "changing.example": Changing(),
    "dying.example": Dying(),
    "lying.example": lambda _: Reply(b"short", status=206, headers={"Content-Range": "bytes 0-99/1000"}),
    "huge.example": Reply(BODY * 240),
}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    with serving() as server:
        server.routes.update({(host, "/all.csv"): route for host, route in ROUTES.items()})
        spec = {"hosts": [f"{host}:{server.port}" for host in ROUTES], "part": PART, "archive": str(tmp_path_factory.mktemp("archive"))}
        done = subprocess.run(
            [sys.executable, str(DRIVER)], input=json.dumps(spec), capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr[-4000:]
        yield server, {name.partition(":")[0]: found for name, found in json.loads(done.stdout).items()}, Path(spec["archive"])


def test_the_file_is_asked_in_parts_and_read_whole(crawled):
    server, found, _ = crawled
    assert found["parts.example"]["rows"] == 5_000
    assert len(server.paths("parts.example")) == -(-len(BODY) // PART)
    assert found["parts.example"]["archived"] == [None]


def test_a_server_without_parts_is_read_where_the_answer_is_small(crawled):
    assert crawled[1]["whole.example"]["rows"] == 5_000


@pytest.mark.parametrize(
    ("host", "issue"),
    [
        ("changing.example", "file changed"),
        ("dying.example", "of 60000 bytes came"),
        ("lying.example", "no part of a file"),
        ("huge.example", "no byte came"),
    ],
)
def test_half_a_file_is_not_read_and_says_so(crawled, host, issue):
    found = crawled[1][host]
    assert found["rows"] == 0
    assert issue in found["issues"][0]


def test_bodies_of_parts_are_not_archived(crawled):
    kept = sum(path.stat().st_size for path in crawled[2].rglob("*.warc.gz"))
    assert kept < 20_000
