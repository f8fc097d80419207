"""The tables. A change here needs a migration; a test compares the two."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from phoenix.store.columntypes import UTC, Prose

__all__ = [
    "HEAD",
    "METADATA",
    "UTC",
    "Prose",
    "ab",
    "bit",
    "bit_table",
    "comment",
    "frame",
    "hidden",
    "idp",
    "idp_file",
    "job",
    "judgement",
    "measurement",
    "metrics",
    "ob_grade",
    "product",
    "qcflag",
    "raw_comment",
    "run",
    "score",
    "verdict",
]

HEAD = "0009"
"""The newest migration."""

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _of_ab(*, primary_key: bool) -> Column[int]:
    return Column(
        "ab_id",
        ForeignKey("ab.id", ondelete="CASCADE"),
        primary_key=primary_key,
        index=not primary_key,
        nullable=False,
    )


def _value() -> tuple[Column[float], Column[bool], Column[str]]:
    """Return the columns of a QC value: a number, whether it is whole, or a text."""
    return (
        Column("number", Float),
        Column("whole", Boolean(), nullable=False),
        Column("text", Prose),
    )


def _counts(
    *names: str, kind: type[Integer | BigInteger | Float[float]] = Integer
) -> tuple[Column[Any], ...]:
    return tuple(Column(name, kind, nullable=False) for name in names)


run = Table(
    "run",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("process", String(64), nullable=False),
    Column("verb", String(32), nullable=False),
    Column("pool", String(32), nullable=False),
    Column("since", String(16), nullable=False),
    Column("until", String(16), nullable=False),
    Column("command", Prose, nullable=False),
    Column("started", UTC, nullable=False),
    Column("ended", UTC),
    Column("state", String(16), nullable=False),
    Column("reason", Prose, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("versions", JSON, nullable=False),
    Index(None, "process", "since"),
)

ab = Table(
    "ab",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("process", String(64), nullable=False),
    Column("date", String(16), nullable=False),
    Column("name", String(128), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("recipe", String(64), nullable=False),
    Column("raw_type", String(64), nullable=False),
    Column("setup", Text, nullable=False),
    Column("obs_id", BigInteger, nullable=False),
    Column("mjd_obs", Float, nullable=False),
    Column("completeness", String(16), nullable=False),
    Column("checksum", String(64), nullable=False),
    # Told by the products; nothing before there are some.
    Column("obs_prog_id", Prose),
    Column("target", Prose),
    Column("ob_name", Prose),
    Column("versions", Prose),
    UniqueConstraint("process", "name"),
    Index(None, "process", "date"),
)

job = Table(
    "job",
    METADATA,
    _of_ab(primary_key=True),
    Column("step", String(32), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("reason", Prose, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("worker", String(255), nullable=False),
    Column("started", UTC),
    Column("ended", UTC),
    Column("wall_s", Float, nullable=False),
    Column("cpu_s", Float, nullable=False),
    Column("peak_memory_mb", Float, nullable=False),
    Column("products", Integer, nullable=False),
    Column("details", JSON, nullable=False),
    Column("job_key", String(64), nullable=False),
)

product = Table(
    "product",
    METADATA,
    _of_ab(primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("pro_catg", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("path", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("final_name", String(255), nullable=False),
)

measurement = Table(
    "measurement",
    METADATA,
    _of_ab(primary_key=True),
    Column("parameter", String(64), primary_key=True),
    Column("element", Integer, primary_key=True),
    *_value(),
    Index(None, "parameter"),
)

judgement = Table(
    "judgement",
    METADATA,
    Column("id", Integer, primary_key=True),
    _of_ab(primary_key=False),
    Column("at", UTC, nullable=False),
)
"""When an AB was scored; the newest counts."""

score = Table(
    "score",
    METADATA,
    Column("judgement_id", ForeignKey("judgement.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    # 0 is the score itself; others are the elements of a rule that looks at each.
    Column("part", Integer, primary_key=True),
    Column("parameter", String(64), nullable=False),
    Column("element", Integer, nullable=False),
    *_value(),
    Column("low", Float),
    Column("high", Float),
    Column("outcome", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("rule", Prose, nullable=False),
    Column("source", String(255), nullable=False),
    Column("comment", Prose, nullable=False),
)

# What QCFLAG means changes with the plugin: each table of bits that was ever in force stands here
# once, known by its checksum.
bit_table = Table(
    "bit_table",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("checksum", String(64), nullable=False, unique=True),
)

bit = Table(
    "bit",
    METADATA,
    Column("table_id", ForeignKey("bit_table.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", Prose, nullable=False),
    Column("parameter", String(64), nullable=False),
    Column("low", Float),
    Column("high", Float),
    Column("meaning", Prose, nullable=False),
)

qcflag = Table(
    "qcflag",
    METADATA,
    _of_ab(primary_key=True),
    Column("element", Integer, primary_key=True),
    Column("flag", Text, nullable=False),
    # Nothing where nobody knows any more what the bits meant.
    Column("table_id", ForeignKey("bit_table.id")),
)

verdict = Table(
    "verdict",
    METADATA,
    Column("id", Integer, primary_key=True),
    _of_ab(primary_key=False),
    Column("kind", String(16), nullable=False),
    Column("comment", Prose, nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", UTC, nullable=False),
)

comment = Table(
    "comment",
    METADATA,
    Column("id", Integer, primary_key=True),
    _of_ab(primary_key=False),
    Column("text", Prose, nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", UTC, nullable=False),
)

raw_comment = Table(
    "raw_comment",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("process", String(64), nullable=False),
    Column("file", String(255), nullable=False),
    Column("night", String(16), nullable=False),
    Column("text", Prose, nullable=False),
    Column("by", Prose, nullable=False),
    Column("at", UTC, nullable=False),
    Index(None, "process", "file"),
    Index(None, "process", "night"),
)

ob_grade = Table(
    "ob_grade",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("process", String(64), nullable=False),
    Column("ob_id", BigInteger, nullable=False),
    Column("night", String(16), nullable=False),
    Column("run", Prose, nullable=False),
    Column("target", Prose, nullable=False),
    Column("grade", String(8), nullable=False),
    Column("comment", Prose, nullable=False),
    Column("mode", String(16), nullable=False),
    Column("status", Prose, nullable=False),
    Column("source", Prose, nullable=False),
    Column("at", UTC, nullable=False),
    Index(None, "process", "ob_id"),
    Index(None, "process", "night"),
)

idp = Table(
    "idp",
    METADATA,
    Column("id", Integer, primary_key=True),
    _of_ab(primary_key=False),
    Column("process", String(64), nullable=False),
    Column("name", String(255), nullable=False),
    Column("version", Integer, nullable=False),
    Column("supersedes", Integer),
    Column("path", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("md5", String(32), nullable=False),
    Column("prodcatg", String(64), nullable=False),
    Column("ingested", UTC, nullable=False),
    Column("status", String(16), nullable=False),
    Column("deprecated_why", Prose),
    Column("deprecated_by", String(64)),
    Column("deprecated_at", UTC),
    Column("deleted", Boolean()),
    UniqueConstraint("process", "name", "version"),
    CheckConstraint("version >= 1", name="version"),
)

idp_file = Table(
    "idp_file",
    METADATA,
    Column("idp_id", ForeignKey("idp.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("path", Text, nullable=False),
    Column("category", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("md5", String(32), nullable=False),
)

frame = Table(
    "frame",
    METADATA,
    Column("process", String(64), primary_key=True),
    Column("path", String(1024), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("arcfile", String(255), nullable=False),
    Column("date", String(16), nullable=False),
    Column("mjd_obs", Float),
    Column("exptime", Float),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("keys", String(16), nullable=False),
    # JSON as text: a hundred thousand rows are read at once, and never searched in.
    Column("header", Text, nullable=False),
    # The same: what of it is not as in the file, and of what files a product was made.
    Column("overlaid", Prose, nullable=False),
    Column("made_of", Text, nullable=False),
    Column("fault", Prose, nullable=False),
    Index(None, "process", "date"),
)

hidden = Table(
    "hidden",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("process", String(64), nullable=False),
    Column("name", String(255), nullable=False),
    Column("hides", Boolean(), nullable=False),
    Column("why", Prose, nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", UTC, nullable=False),
    Index(None, "process", "name"),
)

metrics = Table(
    "metrics",
    METADATA,
    Column("process", String(64), primary_key=True),
    Column("date", String(16), primary_key=True),
    Column("category", String(16), primary_key=True),
    *_counts("raw_files", "raw_unused", "blocks", "processed", "wrong"),
    *_counts("certified_auto", "certified", "rejected", "waiting", "products", "delays"),
    *_counts("idps", "idps_obsolete", "idps_deprecated"),
    *_counts("raw_bytes", "product_bytes", "idp_bytes", kind=BigInteger),
    *_counts("recipe_s", "qc_s", "report_s", "delay_s", "delay_max_s", kind=Float),
)
"""What was counted of a night; without a row it is counted when it is asked for."""
