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


@pytest.mark.parametrize(
    ("env", "url"),
    [
        (FROM_INI, "('postgresql+psycopg://' + os.environ['DATABASE_URL'].partition('://')[2])"),
        (FROM_INI.replace("engine_from", "async_engine_from"), "'sqlalchemy.url', os.environ['DATABASE_URL']"),
    ],
    ids=["they do not await", "they do"],
)
def test_migrations_keep_their_driver_where_the_application_awaits_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, env: str, url: str
) -> None:
    """An engine that is not asynchronous cannot use asyncpg."""
    monkeypatch.chdir(tmp_path)
    ini = INI.format(url="postgresql+psycopg://localhost/shop")
    db = f"{DATABASE}engine = create_async_engine(url)\n"
    files = {"migrations/versions/1.py": "", "migrations/env.py": env, "alembic.ini": ini, "db.py": db}
    write(tmp_path, {"main.py": APP.replace("\n\n", "\n\nimport db\n", 1), "requirements.txt": "asyncpg\n", **files})

    main(["init"])

    assert table(tmp_path)["database"] == "postgresql"
    assert f"{url}.replace('%', '%%')" in str(table(tmp_path)["setup"])


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


@pytest.mark.parametrize(("name", "app"), [("logging", "shop.api.main:app"), ("tools", "main:app")])
def test_a_module_named_as_one_of_the_standard_library_makes_no_import_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, app: str
) -> None:
    """`import logging` beside a logging.py of one's own means Python's; what nobody else has is one's own."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"shop/api/main.py": f"import {name}\n{APP}", f"shop/api/{name}.py": ""})

    main(["init"])

    assert table(tmp_path)["app"] == app


def test_a_password_in_an_example_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the variable is called; one for this machine is nobody's secret."""
    monkeypatch.chdir(tmp_path)
    reads = 'import os\nos.environ["BROKER_URL"], os.environ["QUEUE_URL"]\n'
    examples = "BROKER_URL=amqp://me:hidden@rabbit:5672//\nQUEUE_URL=amqp://guest:guest@localhost/q\n"
    write(tmp_path, {"main.py": APP + reads, ".env.dev": examples})

    main(["init"])

    assert "hidden" not in (tmp_path / "pyproject.toml").read_text()
    assert table(tmp_path)["env"] == {
        "BROKER_URL": "http://localhost",
        "QUEUE_URL": "amqp://guest:guest@localhost/q",
    }


@pytest.mark.parametrize("members", ['["/tmp"]', '[""]', "[1]", '"a/b"'])
def test_members_that_are_no_patterns_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: str) -> None:
    """uv says what is wrong with them."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"main.py": APP, "pyproject.toml": f"[tool.uv.workspace]\nmembers = {members}\n"})

    assert main(["init"]) == 0

    assert table(tmp_path)["app"] == "main:app"


def test_a_piece_of_a_url_that_a_program_puts_together_is_no_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows from the source where it leads; a whole one is a file that tests would write to."""
    monkeypatch.chdir(tmp_path)
    main_py = APP.replace("\n\n", "\n\nimport db\n", 1)
    write(tmp_path, {"main.py": main_py, "db.py": 'NAME = "shop"\nURL = f"sqlite:///data/{NAME}.db"\n'})

    main(["init"])

    assert "databases_allowed" not in table(tmp_path)
