"""What PostgreSQL's catalog says of a database: its tables, its sequences, and whether a schema changed. Test process.

Only what was made in this database counts, temporary tables apart: numbers below 16384 are PostgreSQL's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Value = tuple[int, bool]
"""A sequence's last value, and whether it was handed out."""

RELATIONS = """
    SELECT c.oid, c.relkind, n.nspname::text AS schema, c.relname::text AS name, format('%I.%I', n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid >= 16384 AND c.relpersistence <> 't' AND c.relkind = ANY ($1::"char"[])
      AND n.nspname NOT LIKE 'pg\\_%'
    ORDER BY c.oid
"""

# Everything that DDL writes, but for what TRUNCATE, VACUUM and ANALYZE write as well.
FINGERPRINT = """
    WITH made AS (SELECT * FROM pg_class WHERE oid >= 16384 AND relpersistence <> 't' AND relkind <> 't'),
    what (kind, text) AS (
        SELECT 'class', (to_jsonb(made) - '{relfilenode,relpages,reltuples,relallvisible,relallfrozen,relfrozenxid,
                                            relminmxid,reltoastrelid}'::text[])::text FROM made
        UNION ALL SELECT 'attribute', (to_jsonb(a) - 'attstattarget')::text FROM pg_attribute a
            WHERE attrelid IN (SELECT oid FROM made)
        UNION ALL SELECT 'default', t::text FROM pg_attrdef t WHERE adrelid IN (SELECT oid FROM made)
        UNION ALL SELECT 'constraint', t::text FROM pg_constraint t
            WHERE conrelid IN (SELECT oid FROM made) OR (conrelid = 0 AND oid >= 16384)
        UNION ALL SELECT 'index', t::text FROM pg_index t WHERE indrelid IN (SELECT oid FROM made)
        UNION ALL SELECT 'inherits', t::text FROM pg_inherits t WHERE inhrelid IN (SELECT oid FROM made)
        UNION ALL SELECT 'trigger', t::text FROM pg_trigger t WHERE tgrelid IN (SELECT oid FROM made)
        UNION ALL SELECT 'rule', t::text FROM pg_rewrite t WHERE ev_class IN (SELECT oid FROM made)
        UNION ALL SELECT 'policy', t::text FROM pg_policy t
        UNION ALL SELECT 'sequence', t::text FROM pg_sequence t WHERE seqrelid IN (SELECT oid FROM made)
        UNION ALL SELECT 'enum', t::text FROM pg_enum t
        UNION ALL SELECT 'type', t::text FROM pg_type t WHERE oid >= 16384 AND typtype NOT IN ('c', 'b')
        UNION ALL SELECT 'function', t::text FROM pg_proc t WHERE oid >= 16384
        UNION ALL SELECT 'schema', t::text FROM pg_namespace t WHERE nspname NOT LIKE 'pg\\_%'
        UNION ALL SELECT 'extension', t::text FROM pg_extension t
        UNION ALL SELECT 'comment', t::text FROM pg_description t WHERE objoid IN (SELECT oid FROM made)
        UNION ALL SELECT 'large object', t::text FROM pg_largeobject_metadata t
    )
    SELECT coalesce(md5(string_agg(md5(kind || text), '' ORDER BY md5(kind || text))), '') FROM what
"""

HOLDERS = """
    SELECT a.pid, a.state, extract(epoch FROM clock_timestamp() - a.xact_start)::float8, a.application_name, a.query
    FROM pg_stat_activity a
    WHERE a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL AND EXISTS (
        SELECT FROM pg_locks l
        WHERE l.pid = a.pid AND l.granted AND l.relation >= 16384
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
    ORDER BY a.xact_start
"""

MAY_SWITCH = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"

# Of tables: those with rows that PostgreSQL would check or act on while they are brought back.
CHECKED = """
    SELECT coalesce(string_agg(DISTINCT t.tgrelid::regclass::text, ', '), '') FROM pg_trigger t
    WHERE (t.tgrelid = ANY ($1::oid[]) AND t.tgenabled <> 'D') OR (NOT t.tgisinternal AND t.tgtype & 32 <> 0)
"""
ALWAYS = "SELECT coalesce(string_agg(DISTINCT tgrelid::regclass::text, ', '), '') FROM pg_trigger WHERE tgenabled = 'A'"


@dataclass(frozen=True, order=True)
class Table:
    """A table, or a sequence, under its number in the catalog; `quoted` is its name in a statement."""

    oid: int
    kind: str
    schema: str
    name: str
    quoted: str

    @property
    def holds_rows(self) -> bool:
        """Whether it has rows of its own: a partitioned table's are in its partitions."""
        return self.kind == "r"


async def fingerprint(connection: Any) -> str:
    """A hash of the schema, the same for two moments between which no DDL ran."""
    found: str = await connection.fetchval(FINGERPRINT)
    return found


async def tables(connection: Any) -> list[Table]:
    """All tables, and those that are partitioned."""
    return await _relations(connection, "r", "p")


async def sequences(connection: Any) -> list[Table]:
    """All sequences, those of serial and identity columns among them."""
    return await _relations(connection, "S")


async def _relations(connection: Any, *kinds: str) -> list[Table]:
    rows = await connection.fetch(RELATIONS, [each.encode() for each in kinds])
    return [Table(oid, kind.decode(), *names) for oid, kind, *names in rows]


async def with_rows(connection: Any, among: Sequence[Table]) -> list[Table]:
    """Those of them that hold a row."""
    asked = [f"EXISTS (SELECT FROM {'ONLY ' * each.holds_rows}{each.quoted})" for each in among]
    answers = await connection.fetchval(f"SELECT ARRAY[{', '.join(asked)}]::boolean[]")
    return [table for table, answer in zip(among, answers, strict=True) if answer]


async def values(connection: Any, of: Sequence[Table]) -> Mapping[Table, Value]:
    """Where the sequences are."""
    if not of:
        return {}
    asked = [f"(SELECT row(last_value, is_called) FROM {each.quoted})" for each in of]  # noqa: S608  # quoted
    rows = await connection.fetchrow(f"SELECT {', '.join(asked)}")
    return {sequence: (last, called) for sequence, (last, called) in zip(of, rows, strict=True)}


async def may_switch_triggers_off(connection: Any) -> bool:
    """Whether our user may bring rows back without foreign keys being checked and triggers being run."""
    return bool(await connection.fetchval(MAY_SWITCH))


async def obstacle(connection: Any, filled: Iterable[Table]) -> str:
    """Why this database cannot be restored in place, "" if it can; `filled` are the tables that have rows."""
    if views := await _relations(connection, "m"):
        return f"{views[0].quoted} is a materialized view"
    if always := await connection.fetchval(ALWAYS):
        return f"{always} has a trigger that is enabled always"
    checked = await connection.fetchval(CHECKED, [each.oid for each in filled])
    if checked and not await may_switch_triggers_off(connection):
        return f"the user of the database is no superuser, and triggers or foreign keys hang on {checked}"
    return ""
