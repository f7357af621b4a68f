"""Puts the parts of the sample together and stores them."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

from sqlalchemy import Connection, Integer, func, select

from core.model.datamap import DataMap
from core.model.mapfile import load
from core.sample import billing, fill, people, requests, traces
from core.sample.columns import company
from core.sample.fill import Scene
from core.sample.ledger import Ledger
from core.sample.settle import settle
from core.store import accessview, migrate
from core.store.atlas import Atlas
from core.store.audit import sealer
from core.store.engine import Store

PARTS = (
    fill.products_and_staff,
    fill.customers,
    fill.contacts,
    fill.addresses,
    fill.services,
    fill.domains,
    billing.invoices,
    traces.tickets,
    traces.sign_ins,
    traces.messages,
    traces.notes,
    traces.meta,
    traces.activity,
)
"""In this order: invoices print the address, notes and logs name everybody."""


def build_rows(store: Store, seed: int, today: date) -> None:
    """Fill the empty tables in one transaction, then make the view over them."""
    migrate.upgrade(store)
    scene = Scene(Ledger(), people.people(seed, today), seed, today)
    for part in PARTS:
        part(scene)
    mapping = shipped_map()
    with store.writing(requests.KEEPER, sealer(lambda _: None)) as unit:
        proof = Atlas(mapping, store.name).proof(unit.conn)
        counts = settle(scene, mapping, proof)
        scene.ledger.store(unit.conn)
        requests.play(unit.conn, scene, mapping, counts)
        if store.name == "postgresql":
            _catch_up(unit.conn)
    accessview.make(store, Atlas(mapping, store.name))


def shipped_map() -> DataMap:
    """The data map of the sample, as it ships."""
    text = (files("core") / "maps" / "sample.toml").read_text(encoding="utf-8")
    return load(text, "sample.toml")


def _catch_up(conn: Connection) -> None:
    """Rows came with their numbers: PostgreSQL's counters have to be told."""
    for table in company.sorted_tables:
        if "id" in table.c and isinstance(table.c.id.type, Integer):
            most = select(func.max(table.c.id)).scalar_subquery()
            conn.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), most)))
