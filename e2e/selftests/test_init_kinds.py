"""What `init` makes of kinds of projects that are unlike the toys: migrations with a URL of their own, prefixes."""

from __future__ import annotations

from pathlib import Path

import pytest

from afterawait.cli.__main__ import main
from e2e.selftests.test_init import APP, table, write

INI = "[alembic]\nscript_location = migrations\nsqlalchemy.url = {url}\n"
FROM_INI = "engine = engine_from_config(context.config.get_section('alembic'))\n"
DATABASE = 'import os\n\nurl = os.environ["DATABASE_URL"]\n'


@pytest.mark.parametrize(
    ("url", "env", "led"),
    [
        ("postgresql://localhost/shop", FROM_INI, True),
        ("driver://user:pass@localhost/dbname", FROM_INI, False),
        ("postgresql://localhost/shop", f"context.config.set_main_option('sqlalchemy.url', url)\n{FROM_INI}", False),
    ],
    ids=["the ini alone", "what alembic init writes", "by env.py"],
)
def test_migrations_do_not_go_where_alembic_ini_leads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, env: str, led: bool
) -> None:
    """The URL is given to them where they have no other than that one; else they are left to themselves."""
    monkeypatch.chdir(tmp_path)
    versions = {"migrations/versions/1.py": "", "migrations/env.py": env, "alembic.ini": INI.format(url=url)}
    write(tmp_path, {"main.py": APP.replace("\n\n", "\n\nimport db\n", 1), "db.py": DATABASE, **versions})

    main(["init"])

    setup = str(table(tmp_path)["setup"])
    assert setup.endswith("os.environ['DATABASE_URL'].replace('%', '%%')); alembic.command.upgrade(c, 'head')\"") == led
    assert (setup == "alembic upgrade head") != led


@pytest.mark.parametrize(("more", "needed"), [("", True), ("config.set_main_option('sqlalchemy.url', URL)\n", False)])
def test_migrations_that_go_to_a_database_of_their_own_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], more: str, needed: bool
) -> None:
    """With the file and the line that leads there, and what to write, where no variable has the whole URL."""
    (tmp_path / "main.py").write_text("import db\n" + APP)
    (tmp_path / "db.py").write_text('HOST, NAME = os.environ["DB_HOST"], os.environ["DB_NAME"]\n')
    (tmp_path / "alembic.ini").write_text(
        "[alembic]\nscript_location = moves\nsqlalchemy.url = postgresql://localhost/x\n"
    )
    (tmp_path / "moves" / "versions").mkdir(parents=True)
    (tmp_path / "moves" / "versions" / "one.py").touch()
    (tmp_path / "moves" / "env.py").write_text(
        f"{more}connectable = engine_from_config(config.get_section('alembic'))\n"
    )

    monkeypatch.chdir(tmp_path)

    main(["init"])

    assert table(tmp_path)["setup"] == "alembic upgrade head"
    assert ("moves/env.py takes the database from alembic.ini:3" in capsys.readouterr().out) == needed


def test_names_in_a_block_with_a_prefix_have_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As environs reads them, blocks in blocks too."""
    monkeypatch.chdir(tmp_path)
    inner = '    with env.prefixed("DEEP_"):\n        env.int("BB")\n'
    blocks = f'with env.prefixed("SHOP_"):\n    env("AA")\n{inner}env("CC")\n'
    write(tmp_path, {"main.py": f"from environs import env\n{APP}{blocks}"})

    main(["init"])

    assert table(tmp_path)["env"] == {"CC": "for-tests", "SHOP_AA": "for-tests", "SHOP_DEEP_BB": "1"}


def test_a_database_in_a_file_of_settings_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No variable leads elsewhere: the file, its line, and what to do. Its password is shown to nobody."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.py").write_text('import yaml\nfrom fastapi import FastAPI\napp = FastAPI()\nopen("conf.yaml")\n')
    (tmp_path / "conf.yaml").write_text("database:\n  # postgresql://old\n  url: postgresql://me:secret@db/shop\n")
    (tmp_path / "other.yaml").write_text("url: postgresql://nobody/reads-it\n")

    main(["init"])

    said = capsys.readouterr().out
    assert "database" not in table(tmp_path)
    assert "conf.yaml:3 has the database's URL, postgresql://...: read it from the environment" in said
    assert "secret" not in said
    assert "other.yaml" not in said
