"""Bodies that grow without end and certificates that lie: faults 32 and 35."""

import datetime as dt
import gzip
import os
import ssl

import brotli
import pytest
import zstandard
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.live.crawling import run_crawl, source
from tests.live.hostile_server import Reply, links, serving

BLOCK = bytes(64 * 1024 * 1024)
GIBIBYTE = 16


def _gzip() -> bytes:
    return gzip.compress(BLOCK, 1) * GIBIBYTE


def _brotli() -> bytes:
    packer = brotli.Compressor(quality=1)
    return b"".join([packer.process(BLOCK) + packer.flush() for _ in range(GIBIBYTE)]) + packer.finish()


def _zstd() -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(BLOCK) * GIBIBYTE


@pytest.fixture(scope="module")
def bombed():
    """One crawl of six bombs of a gibibyte each, and of what is merely broken or large."""
    packed = _gzip()
    bodies = {
        "gzip": (packed, "gzip"),
        "brotli": (_brotli(), "br"),
        "zstd": (_zstd(), "zstd"),
        "nested": (gzip.compress(packed), "gzip, gzip"),
        "mixed": (brotli.compress(packed, quality=1), "gzip, br"),
        "broken": (b"\x1f\x8bnot gzip at all" * 50, "gzip"),
        "brokenbr": (b"not brotli at all" * 50, "br"),
        "fine": (gzip.compress(links().body.encode()), "gzip"),
        "plain": (bytes(11 * 1024 * 1024), "identity"),
    }
    with serving() as server:
        for name, (body, encoding) in bodies.items():
            server.routes[f"{name}.example", "/"] = Reply(body, headers={"Content-Encoding": encoding})
            server.routes[f"{name}.example", "/after"] = links()
        server.routes["endless.example", "/"] = Reply(
            bytes(11 * 1024 * 1024), headers={"Content-Length": "", "Connection": "close"}, length=-1
        )
        sources = {name: source(f"{name}.example:{server.port}") for name in bodies}
        starts = [{"url": f"http://{name}.example:{server.port}{path}", "source": name} for name in bodies for path in ("/", "/after")]
        yield server, run_crawl(sources, starts)


@pytest.mark.parametrize("name", ["gzip", "brotli", "zstd", "nested", "mixed", "plain"])
def test_a_bomb_is_dropped_once_and_the_source_goes_on(bombed, name):
    server, crawl = bombed
    assert server.paths(f"{name}.example").count("/") == 1
    assert [item["url"].rpartition("/")[2] for item in crawl.items_of(name)] == ["after"]
    assert crawl.stat(name, "failed") == 1


def test_memory_stays_small(bombed):
    _, crawl = bombed
    assert crawl.peak_mb < 200


@pytest.mark.parametrize("name", ["broken", "brokenbr"])
def test_a_broken_body_is_counted_and_not_read(bombed, name):
    _, crawl = bombed
    assert [item["url"].rpartition("/")[2] for item in crawl.items_of(name)] == ["after"]
    assert crawl.stat(name, "refused/broken_body") == 1
    assert crawl.stat(name, "failed") == 1


def test_an_honest_packed_page_is_read(bombed):
    _, crawl = bombed
    assert len(crawl.items_of("fine")) == 2
    assert crawl.stat("fine", "bytes") == 2 * len(links().body)


def _certificate(name: str, issuer: tuple | None, *, days: tuple[int, int] = (-1, 30), authority: bool = False):
    """Key and certificate for a name, signed by `issuer` or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[1].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + dt.timedelta(days=days[0]))
        .not_valid_after(now + dt.timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    return key, builder.sign(issuer[0] if issuer else key, hashes.SHA256())


def _context(folder, pair) -> ssl.SSLContext:
    path = folder / f"{pair[1].serial_number}.pem"
    key = pair[0].private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key + pair[1].public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_bad_certificates_are_refused_and_a_good_one_is_not(tmp_path):
    authority = _certificate("Tembus test authority", None, authority=True)
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(authority[1].public_bytes(serialization.Encoding.PEM))
    pairs = {
        "good.example": _certificate("good.example", authority),
        "selfsigned.example": _certificate("selfsigned.example", None),
        "wrongname.example": _certificate("another.example", authority),
        "expired.example": _certificate("expired.example", authority, days=(-30, -1)),
    }
    with (
        serving(_context(tmp_path, pairs["good.example"])) as good,
        serving(_context(tmp_path, pairs["selfsigned.example"])) as selfsigned,
        serving(_context(tmp_path, pairs["wrongname.example"])) as wrongname,
        serving(_context(tmp_path, pairs["expired.example"])) as expired,
    ):
        servers = dict(zip(pairs, (good, selfsigned, wrongname, expired), strict=True))
        for server in servers.values():
            server.routes["/"] = links()
        # a documented API, so that the page is tried even though robots.txt cannot be had
        sources = {
            name: source(f"{name}:{server.port}", api=True, api_robots="test", pace={"delay": 0.1}) for name, server in servers.items()
        }
        starts = [{"url": f"https://{name}:{server.port}/", "source": name} for name, server in servers.items()]
        crawl = run_crawl(sources, starts, env={**os.environ, "SSL_CERT_FILE": str(trusted)})
        assert good.paths("good.example") == ["/"]
        assert len(crawl.items_of("good.example")) == 1
        for name, server in servers.items():
            if name != "good.example":
                assert server.asked == [], name
                assert crawl.stop(name) == "bad_certificate", name
                assert crawl.items_of(name) == []
