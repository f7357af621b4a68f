"""Run by an interpreter that has effaced, not by ours: `effaced_side.py WORK DATABASE AUDIT FIRST LAST`. Prints one JSON line.

As its documentation says: declarative models with its annotations, one `erase_subject` or `export_subject` a transaction, tables of
its own from `bind_tables`. `mask` is its ANONYMIZE on every personal column (it has no other), `erase` is DELETE on models whose
columns are all declared personal, which is what makes it delete rows.

Its DatabaseAuditSink commits each event by itself. In one SQLite file that waits for the caller's own write for ever, so the sink
has a file of its own (`audit` = file). With `audit` = none events are dropped, which is faster than it may be used.
"""

from __future__ import annotations

import json
import resource
import sys
import time

from effaced import (
    DatabaseAuditSink,
    ErasureExecutor,
    ErasurePlanner,
    ErasureStrategy,
    Exporter,
    Outbox,
    PiiCategory,
    bind_tables,
    collect_data_map,
    pii,
    resolve_subject_graph,
    subject_link,
)
from sqlalchemy import ForeignKey, Integer, Text, create_engine, event
from sqlalchemy.orm import DeclarativeBase, mapped_column, relationship, sessionmaker

TABLES = {  # table: (column of the key above, table above, path, personal columns, other columns)
    "customers": ("", "", "", ("first_name", "last_name", "email", "phone", "password_hash"), ("status",)),
    "services": ("customer_id", "customers", "customer", ("domain",), ("status",)),
    "invoices": ("customer_id", "customers", "customer", ("billing_name", "billing_address"), ("status", "total", "currency", "issued_on")),
    "lines": ("invoice_id", "invoices", "invoice.customer", ("text",), ("amount",)),
    "tickets": ("customer_id", "customers", "customer", ("subject",), ()),
    "replies": ("ticket_id", "tickets", "ticket.customer", ("message",), ()),
    "sessions": ("customer_id", "customers", "customer", ("token", "ip"), ()),
    "log": ("customer_id", "customers", "customer", ("ip",), ("at",)),
}


def models(work):
    """The eight tables as its users declare them."""

    class Base(DeclarativeBase):
        pass

    classes = []  # to be kept: a registry holds its classes weakly
    for table, (key, above, path, personal, others) in TABLES.items():
        fields = {"__tablename__": table, "__table_args__": {"info": subject_link(path)}, "id": mapped_column(Integer, primary_key=True)}
        if key:
            fields[key] = mapped_column(ForeignKey(f"{above}.id"))
            fields[key.removesuffix("_id")] = relationship(above.capitalize())
        strategy = ErasureStrategy.ANONYMIZE if work == "mask" and table != "sessions" else ErasureStrategy.DELETE
        for name in (*personal, *(others if work == "erase" else ())):
            fields[name] = mapped_column(Text, info=pii(PiiCategory.IDENTITY, erasure=strategy))
        for name in () if work == "erase" else others:
            fields[name] = mapped_column(Text)
        classes.append(type(table.capitalize(), (Base,), fields))
    return Base, classes


class NoAudit:
    """Drops every event."""

    def append(self, _event):
        return None

    def read(self, _subject):
        return ()


def engine(path):
    made = create_engine(f"sqlite:///{path}")

    @event.listens_for(made, "connect")
    def _durable(raw, _record):
        raw.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;")

    return made


def main(work, path, audit, first, last):
    base, _classes = models(work)
    tables = bind_tables(base.metadata)
    database, beside = engine(path), engine(path + ".audit")
    for one in (database, beside):
        base.metadata.create_all(one, tables=[tables.audit_events, tables.outbox, tables.consent_records])
    sessions, sink = sessionmaker(database), NoAudit()
    if audit == "file":
        sink = DatabaseAuditSink(sessionmaker(beside), tables.audit_events)
    data_map = collect_data_map(base.metadata)
    graph = resolve_subject_graph(data_map, base.registry)
    planner = ErasurePlanner(
        data_map, graph, executor=ErasureExecutor(base.metadata), outbox=Outbox(sessions, tables.outbox), audit_sink=sink
    )
    exporter = Exporter(data_map, graph, base.metadata, sink)

    def one(key):
        if work == "export":
            with sessions() as session, open(path + ".json", "w", encoding="utf-8") as out:
                out.write(exporter.export_subject(session, str(key)).model_dump_json())
        else:
            with sessions.begin() as session:
                return planner.erase_subject(session, str(key))
        return None

    result = one(last + 1)
    wall, cpu = time.perf_counter(), time.process_time()
    for key in range(first, last + 1):
        one(key)
    answer = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    answer["did"] = [dict(result.deleted), dict(result.anonymized)] if result else []
    answer["rss"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:4], *map(int, sys.argv[4:6]))
