"""Writes the first `tembus.toml` of a home: every key with its default and what it means, in the operator's language."""

import json
from dataclasses import fields
from pathlib import Path

from market_db.home import CONFIG_NAME, Config, Home
from scripts.words import Words


def write_config(home: Home, words: Words, contact: str = "") -> Path | None:
    """Make the home and its configuration; None where there is one already, which is left alone. Raises OSError."""
    home.make()
    path = home.root / CONFIG_NAME
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(config_text(words, contact))
    except FileExistsError:
        return None
    path.chmod(0o600)
    return path


def config_text(words: Words, contact: str = "") -> str:
    """The file: what an operator should set stands free, the rest is commented out with its default."""
    parts = [f"# {words.say('config.title')}"]
    chosen = {"contact": contact, "language": words.language}
    for item in fields(Config):
        value = chosen.get(item.name, item.default)
        mark = "" if item.name in ("contact", "language", "products", "nightly_at", "timezone") else "# "
        parts.append(f"\n# {words.say(f'config.{item.name}')}\n{mark}{item.name} = {_toml(value)}")
    return "\n".join(parts) + "\n"


def _toml(value: object) -> str:
    """A value of the kinds the configuration has; JSON's texts, numbers and lists are TOML's too."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
