"""The home folder: where one installation keeps its data, and its configuration; a mistake is named with file and key."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

CONFIG_NAME = "tembus.toml"
DEFAULT_HOME = "~/.local/share/tembus"


class BadConfig(Exception):
    """Raised by `open_home` when `tembus.toml` cannot be used; the message names file and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What an operator may set in `tembus.toml`; an unknown key is an error."""

    contact: str = ""
    """Mail or web address that sites can complain to; sent in the User-Agent. Live crawls refuse to start without it."""
    language: str = "id"
    """id or en."""
    products: tuple[str, ...] = ("sambal",)
    """Product types to look for."""
    sources: tuple[str, ...] = ()
    """Names of the sources to run at night; empty = all that are enabled."""
    nightly_at: str = "01:30"
    """Local time of the nightly run."""
    timezone: str = "Asia/Jakarta"
    """Zone of `nightly_at`."""
    retention_days: int = 180
    """Days that archived answers are kept."""
    contact_retention_days: int = 365
    """Days after which the contacts of a company nobody saw any more are purged."""
    allow_private: tuple[str, ...] = ()
    """host:port on this machine or network that may be asked, for testing."""
    health_url: str = ""
    """Asked at start, success and failure of a night (healthchecks style); empty = off."""
    webhook: str = ""
    """The night's report is posted there as JSON; empty = off."""
    mail_to: str = ""
    """The night's report goes there through the local sendmail; empty = off."""
    host_names: tuple[str, ...] = ()
    """Names by which staff reach the pages from other machines; with any, `tembus serve` asks everybody to log in."""
    proxies: tuple[str, ...] = ()
    """Addresses of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Paths of one home folder; nothing is created before `make`."""

    root: Path
    config: Config = field(default_factory=Config)

    @property
    def market(self) -> Path:
        """Seen and derived data; one writer."""
        return self.root / "market.db"

    @property
    def desk(self) -> Path:
        """Entered data; backed up first."""
        return self.root / "desk.db"

    @property
    def published(self) -> Path:
        """The snapshot that people query."""
        return self.root / "published.db"

    @property
    def identity(self) -> Path:
        """What identity compared on earlier nights: a cache that may be thrown away."""
        return self.root / "identity.db"

    @property
    def identity_weights(self) -> Path:
        """Weights of company identity refitted from this home's judgements; without the file the shipped ones count."""
        return self.root / "identity_weights.toml"

    @property
    def access(self) -> Path:
        """Who may use the pages from other machines, and what was done there."""
        return self.root / "access.db"

    @property
    def archive(self) -> Path:
        """WARC files and their index."""
        return self.root / "archive"

    @property
    def sites(self) -> Path:
        """The installation's own declared sites, *.toml, beside the shipped ones."""
        return self.root / "sites"

    @property
    def exports(self) -> Path:
        """Workbooks and other files made for people."""
        return self.root / "exports"

    @property
    def backups(self) -> Path:
        """Copies of desk.db and market.db."""
        return self.root / "backups"

    @property
    def logs(self) -> Path:
        """Log files, one a run."""
        return self.root / "logs"

    @property
    def lock(self) -> Path:
        """Kernel lock of the one writer."""
        return self.root / "tembus.lock"

    def make(self) -> None:
        """Create the folders, readable by their owner only."""
        for folder in (self.root, self.archive, self.exports, self.backups, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def open_home(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Home:
    """The home named by `path`, else by TEMBUS_HOME, else the default; reads its configuration.

    Raises BadConfig.
    """
    root = path or Path(environ.get("TEMBUS_HOME") or DEFAULT_HOME)
    root = root.expanduser().absolute()
    return Home(root=root, config=read_config(root / CONFIG_NAME))


def read_config(path: Path) -> Config:
    """Configuration from a TOML file; a missing file gives the defaults.

    Raises BadConfig with file and key.
    """
    if not path.exists():
        return Config()
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path}: not readable as TOML: {error}") from error
    return Config(**{key: _checked(path, key, value) for key, value in data.items()})


def _checked(path: Path, key: str, value: object) -> Any:
    """The value in the type of the field, or BadConfig."""
    known = {f.name: f.default for f in fields(Config)}
    if key not in known:
        near = get_close_matches(key, known, 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise BadConfig(f"{path}: unknown key {key!r}{meant}; known are {', '.join(sorted(known))}")
    default = known[key]
    if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if type(value) is not type(default) or not fits(key, value):
        raise BadConfig(f"{path}: {key} must be {_wanted(key, default)}, not {value!r}")
    return value


_MAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
_LINK = r"https?://[^\s/]+\S*"
_SHAPES: Mapping[str, tuple[str, str]] = {
    "language": ("id|en", '"id" or "en"'),
    "contact": (f"|{_MAIL}|{_LINK}", "an e-mail address or a web address with https://"),
    "health_url": (f"|{_LINK}", "a web address with http:// or https://"),
    "webhook": (f"|{_LINK}", "a web address with http:// or https://"),
    "mail_to": (f"|{_MAIL}", "an e-mail address"),
}
"""Key -> what its text must look like, as a pattern and in words."""
_MOST_DAYS = 36_500


def fits(key: str, value: object) -> bool:
    """Whether the value can be meant: days kept must be days, or the next night would clear out everything."""
    if isinstance(value, int):
        return 1 <= value <= _MOST_DAYS
    return key not in _SHAPES or re.fullmatch(_SHAPES[key][0], str(value)) is not None


def _wanted(key: str, default: object) -> str:
    """What is expected at a key, in words."""
    if key in _SHAPES:
        return _SHAPES[key][1]
    if isinstance(default, int):
        return f"a whole number from 1 to {_MOST_DAYS}, without quotes"
    return "a text in quotes" if isinstance(default, str) else 'a list of texts in brackets, as ["a", "b"]'
