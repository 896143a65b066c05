"""The shipped units and the proxy's configuration: what they start exists, and real tools find no fault in them where they are installed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
NGINX = DEPLOY / "nginx.conf"
UNIT = DEPLOY / "tembus-serve.service"


def test_the_unit_starts_what_there_is(tembus):
    started = re.search(r"^ExecStart=\S+/scripts/run (.*)$", UNIT.read_text("utf-8"), re.MULTILINE)[1].split()
    assert started[0] == "serve"
    known = tembus("serve", "--help").out
    assert all(option in known for option in started if option.startswith("--"))
    # without an operator it ends with 2, which systemd must not try again and again
    assert tembus(*started).code == 2
    assert "RestartPreventExitStatus=2 5" in UNIT.read_text("utf-8")


def test_the_proxy_names_whom_it_asks_for_and_lets_nobody_else_name_anybody():
    text = NGINX.read_text("utf-8")
    for line in (
        "proxy_set_header Host $host;",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header X-Forwarded-Proto $scheme;",
        "add_header Strict-Transport-Security",
        "return 421;",
        "return 301 https://",
    ):
        assert line in text
    assert text.count("ssl_protocols TLSv1.2 TLSv1.3;") == 2
    assert "$proxy_add_x_forwarded_for" not in text
    assert "$request_uri" not in text.partition("listen 443")[2]


@pytest.mark.parametrize("name", ["tembus-serve.service", "tembus.service", "tembus.timer"])
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_systemd_finds_no_fault(name, tmp_path):
    run = tmp_path / "run"
    run.write_text("#!/bin/sh\n", "utf-8")
    run.chmod(0o755)
    for path in DEPLOY.glob("tembus*"):
        (tmp_path / path.name).write_text(re.sub(r"(?m)^(ExecStart=)\S+", rf"\g<1>{run}", path.read_text("utf-8")), "utf-8")
    found = subprocess.run(["systemd-analyze", "verify", str(tmp_path / name)], capture_output=True, text=True, timeout=60, check=False)
    complaints = [line for line in found.stderr.splitlines() if name in line]
    assert complaints == []


@pytest.mark.skipif(shutil.which("nginx") is None or shutil.which("openssl") is None, reason="no nginx or openssl on this machine")
def test_nginx_finds_no_fault(tmp_path):
    key, chain = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x", "-keyout", key, "-out", chain],
        check=True,
        capture_output=True,
    )
    text = NGINX.read_text("utf-8").replace("/etc/ssl/tembus", str(tmp_path)).replace("/var/log/nginx", str(tmp_path))
    (tmp_path / "tembus.conf").write_text(re.sub(r"listen (80|443)", r"listen 127.0.0.1:2\g<1>", text), "utf-8")
    temp = "".join(f"{kind}_temp_path {tmp_path}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    # as Debian ships it: its own protocols stand above ours
    whole = f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}} http {{ access_log off; ssl_protocols TLSv1.2; {temp}include {tmp_path}/tembus.conf; }}"
    (tmp_path / "nginx.conf").write_text(whole, "utf-8")
    done = subprocess.run(
        ["nginx", "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_files_are_named_from_where_the_program_is_started_and_no_module_there_is_taken_for_ours(tmp_path):
    here, there = tmp_path / "tembus", tmp_path / "elsewhere"
    (here / "scripts").mkdir(parents=True)
    (here / ".venv" / "bin").mkdir(parents=True)
    (there / "scripts").mkdir(parents=True)
    (there / "scripts" / "__init__.py").touch()
    run = here / "scripts" / "run"
    run.write_text((ROOT / "scripts" / "run").read_text("utf-8"))
    for path, text in ((here / "scripts" / "environment", "exit 0"), (here / ".venv" / "bin" / "python", 'pwd; echo "$@"')):
        path.write_text(f"#!/bin/sh\n{text}\n")
    for path in (run, here / "scripts" / "environment", here / ".venv" / "bin" / "python"):
        path.chmod(0o755)
    said = subprocess.run([run, "import", "daftar.csv"], cwd=there, capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == [str(there), "-P -m scripts import daftar.csv"]
    assert "-P -m scripts" in (ROOT / "scripts" / "environment").read_text("utf-8"), "the installed `tembus` as well"
