"""House rules that no linter knows: function and file lengths, forbidden names, words that must not stand in the repository."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

MAX_FUNCTION, MAX_FILE, MEDIAN_FUNCTION = 50, 400, 8
FORBIDDEN_NAMES = {"utils", "helpers", "helper", "common", "manager", "util"}
PLACEHOLDER = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)))
PACKAGES = ("market_db", "spiders", "pipelines", "scripts")
ROOT = Path(__file__).parent.parent


def tracked() -> list[Path]:
    """Files git knows or would add; without git, every file of the packages."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    return [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()]


def function_lengths(path: Path) -> Iterator[tuple[str, int]]:
    """(place, lines) of each function."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def problems() -> Iterator[str]:
    """Every breach, one line each."""
    files = [path for path in tracked() if path.suffix == ".py"]
    ours = [path for path in files if path.relative_to(ROOT).parts[0] in PACKAGES]
    lengths = [found for path in ours for found in function_lengths(path)]
    yield from (f"{place}: {n} lines, at most {MAX_FUNCTION}" for place, n in lengths if n > MAX_FUNCTION)
    if lengths and median(n for _, n in lengths) > MEDIAN_FUNCTION:
        yield f"functions: median {median(n for _, n in lengths)} lines, at most {MEDIAN_FUNCTION}"
    for path in ours:
        lines = path.read_text("utf-8").count("\n")
        if lines > MAX_FILE:
            yield f"{path.relative_to(ROOT)}: {lines} lines, at most {MAX_FILE}"
        if path.stem in FORBIDDEN_NAMES:
            yield f"{path.relative_to(ROOT)}: a name that says nothing"
    yield from (f"{path.relative_to(ROOT)}: a placeholder" for path in files if PLACEHOLDER.search(path.read_text("utf-8")))


def main() -> int:
    """Print the breaches; 1 when there are any."""
    found = list(problems())
    for line in found:
        sys.stdout.write(line + "\n")
    sys.stdout.write(f"house rules: {len(found)} breaches\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
