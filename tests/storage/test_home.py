"""The home folder and its settings: where they come from, and what is refused."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tradepulse.bootstrap import App, open_home
from tradepulse.domain.errors import FailedError, TradePulseError
from tradepulse.domain.settings import Settings
from tradepulse.storage.home import FIRST_SETTINGS, FOLDERS, Home, known_settings, load_settings


def settings_of(folder: Path, text: str, name: str = "tradepulse.toml", **env: str) -> Settings:
    (folder / name).write_text(text)
    return load_settings(Home(folder), environment=env)


def test_home_is_the_option_then_the_variable_then_user_data(tmp_path: Path) -> None:
    named = {"TRADEPULSE_HOME": str(tmp_path / "b")}
    assert Home.at(tmp_path / "a", named).path == tmp_path / "a"
    assert Home.at(None, named).path == tmp_path / "b"
    assert Home.at(None, {}).path == Path.cwd() / "user_data"


def test_create_makes_what_is_missing_and_leaves_the_rest(tmp_path: Path) -> None:
    home = Home(tmp_path / "h")
    assert len(home.create()) == len(FOLDERS) + 2
    (home.path / "tradepulse.toml").write_text("# mine\n")
    (home.path / "models").rmdir()
    assert home.create() == [home.path / "models"]
    assert (home.path / "tradepulse.toml").read_text() == "# mine\n"


def test_first_settings_are_the_defaults(tmp_path: Path) -> None:
    assert settings_of(tmp_path, FIRST_SETTINGS) == Settings()


def test_settings_come_from_toml_or_json_alike(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "j").mkdir()
    toml = settings_of(tmp_path / "t", "[api]\nport = 9\n[paper]\ncash = 5000.25\n")
    document = json.dumps({"api": {"port": 9}, "paper": {"cash": "5000.25"}})
    assert settings_of(tmp_path / "j", document, "tradepulse.json") == toml
    assert (toml.api.port, toml.paper.cash) == (9, Decimal("5000.25"))


def test_variables_override_the_file(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        "[api]\nport = 9\nhost = 'a'\n",
        TRADEPULSE__API__PORT="10",
        TRADEPULSE__EXCHANGES__BINANCE__BASE_URL="http://127.0.0.1:1",
        TRADEPULSE__AUTH__ADMIN_PASSWORD="secret",
        TRADEPULSE_HOME="elsewhere",
    )
    assert (settings.api.port, settings.api.host) == (10, "a")
    assert settings.exchanges["binance"].base_url == "http://127.0.0.1:1"
    assert settings.auth.admin_password is not None
    assert "secret" not in repr(settings)


REFUSED = [
    # text of the file, its name, variables, code, what the error names
    ("[api]\nprot = 1\n", "tradepulse.toml", {}, "unknown_setting", "api.port"),
    ("[apis]\nport = 1\n", "tradepulse.toml", {}, "unknown_setting", "apis"),
    ("", "tradepulse.toml", {"TRADEPULSE__API__PROT": "1"}, "unknown_setting", "api.prot"),
    ("[api]\nport = 'x'\n", "tradepulse.toml", {}, "bad_setting", "api.port"),
    ("[api]\nport = 70000\n", "tradepulse.toml", {}, "bad_setting", "70000"),
    ("[paper]\ncash = -1\n", "tradepulse.toml", {}, "bad_setting", "paper.cash"),
    ("api = 3\n", "tradepulse.toml", {}, "bad_setting", "api"),
    ("api = 3\n", "tradepulse.toml", {"TRADEPULSE__API__PORT": "1"}, "bad_setting", "api"),
    ("[api\n", "tradepulse.toml", {}, "bad_settings_file", "tradepulse.toml"),
    ("{", "tradepulse.json", {}, "bad_settings_file", "tradepulse.json"),
    ("[]", "tradepulse.json", {}, "bad_settings_file", "list"),
    ("a: 1", "tradepulse.yaml", {}, "unsupported_settings_file", "tradepulse.yaml"),
]


@pytest.mark.parametrize(("text", "name", "env", "code", "word"), REFUSED)
def test_wrong_settings_are_named(
    tmp_path: Path, text: str, name: str, env: dict[str, str], code: str, word: str
) -> None:
    with pytest.raises(TradePulseError) as caught:
        settings_of(tmp_path, text, name, **env)
    assert caught.value.code == code
    assert caught.value.exit_code == 2
    assert word in str(caught.value)


def test_two_settings_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "tradepulse.json").write_text("{}")
    with pytest.raises(TradePulseError) as caught:
        settings_of(tmp_path, "")
    assert caught.value.code == "ambiguous_settings"


def test_a_named_settings_file_that_is_absent_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(TradePulseError) as caught:
        load_settings(Home(tmp_path), tmp_path / "absent.toml", {})
    assert (caught.value.code, caught.value.exit_code) == ("settings_not_found", 4)


def test_known_settings_name_section_and_key() -> None:
    assert {"api.host", "api.port", "database.url", "bars.url"} <= set(known_settings())


def test_opening_a_home_creates_nothing(tmp_path: Path) -> None:
    app = open_home(tmp_path / "h")
    assert isinstance(app, App)
    assert not (tmp_path / "h").exists()


def test_an_old_database_is_found_out_and_not_upgraded_unasked(tmp_path: Path) -> None:
    (tmp_path / "tradepulse.sqlite").touch()  # a file without tables: older than any version
    app = open_home(tmp_path)
    with pytest.raises(FailedError) as caught:
        _ = app.database
    assert caught.value.code == "database_outdated"
    app.connect(upgrade=True).close()
    assert app.database.dialect == "sqlite"
    app.database.close()


def test_two_homes_share_nothing(tmp_path: Path) -> None:
    first, second = open_home(tmp_path / "a"), open_home(tmp_path / "b")
    assert first.database_url != second.database_url
    assert first.bars_folder != second.bars_folder
