from pathlib import Path

import pytest

from market_db.home import BadConfig, open_home


def write(folder: Path, text: str) -> Path:
    (folder / "tembus.toml").write_text(text, "utf-8")
    return folder


def test_the_order_is_argument_environment_default(tmp_path):
    assert open_home(tmp_path / "a", {"TEMBUS_HOME": str(tmp_path / "b")}).root == tmp_path / "a"
    assert open_home(None, {"TEMBUS_HOME": str(tmp_path / "b")}).root == tmp_path / "b"
    assert open_home(None, {}).root == Path("~/.local/share/tembus").expanduser()


def test_opening_creates_nothing_and_make_keeps_others_out(tmp_path):
    home = open_home(tmp_path / "home", {})
    assert not home.root.exists()
    home.make()
    assert {path.name for path in home.root.iterdir()} == {"archive", "exports", "backups", "logs"}
    assert home.root.stat().st_mode & 0o077 == 0


def test_a_configuration_is_read(tmp_path):
    config = open_home(
        write(tmp_path, 'contact = "tembus@kantor.example"\nproducts = ["sambal", "ground_coffee"]\nretention_days = 90\n'), {}
    ).config
    assert (config.contact, config.products, config.retention_days) == ("tembus@kantor.example", ("sambal", "ground_coffee"), 90)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('contat = "x"', "contat"),
        ("retention_days = true", "retention_days"),
        ('retention_days = "90"', "retention_days"),
        ('products = "sambal"', "products"),
        ("products = [1]", "products"),
        ("contact = ", "TOML"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path, text, names):
    with pytest.raises(BadConfig) as error:
        open_home(write(tmp_path, text), {})
    assert names in str(error.value)
    assert "tembus.toml" in str(error.value)
