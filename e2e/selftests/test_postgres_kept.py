"""A private PostgreSQL whose databases are kept from one exploration to the next. Test process."""

from __future__ import annotations

from pathlib import Path

import pytest

from afterawait.databases.base import Database, DatabaseServer
from afterawait.databases.factory import open_server
from afterawait.faults import EnvironmentFault
from e2e.selftests.database_servers import run_sql, with_table


def opened(tmp_path: Path) -> DatabaseServer:
    """A private PostgreSQL that begins with what was kept."""
    return open_server(None, folder=tmp_path, run="1", kept=tmp_path / "kept")


def test_a_kept_database_is_there_again(tmp_path: Path) -> None:
    """With all that was written to it; one that was never made is still made."""
    with opened(tmp_path) as server:
        assert server.existing("main") is None
        db = server.create("main")
        with_table(db)
        server.keep(tmp_path / "kept")

    with opened(tmp_path) as server:
        again = server.existing("main")

        assert isinstance(again, Database)
        assert run_sql(again, "SELECT name FROM cities") == ["Ulm"]
        assert server.existing("other") is None


def test_what_was_kept_before_stays_where_keeping_fails(tmp_path: Path) -> None:
    """Whole or not at all: the older state, not half of the newer one."""
    with opened(tmp_path) as server:
        server.create("main")
        server.keep(tmp_path / "kept")
    with opened(tmp_path) as server:
        (tmp_path / "kept.new").write_text("in the way")
        with pytest.raises(EnvironmentFault, match="could not be kept"):
            server.keep(tmp_path / "kept")
    (tmp_path / "kept.new").unlink()

    with opened(tmp_path) as server:
        assert server.existing("main") is not None


def test_damaged_data_are_not_replaced_in_silence(tmp_path: Path) -> None:
    """PostgreSQL says what is wrong with them; they are never taken for none."""
    with opened(tmp_path) as server:
        server.create("main")
        server.keep(tmp_path / "kept")
    (tmp_path / "kept" / "PG_VERSION").write_text("9.1\n")

    with pytest.raises(EnvironmentFault, match="did not start") as fault:
        opened(tmp_path)

    assert "kept" in fault.value.hint
    assert (tmp_path / "kept").is_dir()
