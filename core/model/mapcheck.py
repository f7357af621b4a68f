"""Checks of a data map against itself: names resolve, paths reach the customer, parents come before children."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.model.datamap import DataMap, LinkKind, TableMap
from core.model.mapaccess import check_register
from core.model.mapreader import Problems


def order_of(tables: Mapping[str, TableMap]) -> tuple[str, ...]:
    """Parents before children, otherwise in the order of the file."""
    placed: dict[str, None] = {}

    def place(name: str) -> None:
        link = tables[name].link
        if link.parent and link.parent not in placed:
            place(link.parent)
        placed.setdefault(name)

    for name in tables:
        place(name)
    return tuple(placed)


def check_whole(draft: DataMap, problems: Problems) -> bool:
    """Notes every mistake between tables; False when the tables do not hang together."""
    sound = _links(draft, problems)
    _roles(draft, problems)
    _access(draft, problems)
    for name, table in draft.tables.items():
        _table(draft, name, table, problems)
    for name in draft.not_personal:
        if name in draft.tables:
            problems.add("not_personal", "map-twice", name=name)
    return sound


def _links(draft: DataMap, problems: Problems) -> bool:
    sound = draft.customer.table in draft.tables
    if not sound:
        problems.add("customer.table", "map-unknown-table", name=draft.customer.table, allowed=tuple(draft.tables))
    for name, table in draft.tables.items():
        parent = table.link.parent
        if parent and parent not in draft.tables:
            problems.add(f"tables.{name}.link", "map-unknown-table", name=parent, allowed=tuple(draft.tables))
            sound = False
    for name in draft.tables if sound else ():
        if cycle := _cycle(draft, name):
            problems.add(f"tables.{name}.link", "map-cycle", tables=cycle)
            sound = False
    return sound


def _cycle(draft: DataMap, name: str) -> tuple[str, ...]:
    seen = [name]
    while parent := draft.tables[seen[-1]].link.parent:
        if parent == name:
            return (*seen, name)
        if parent in seen:
            return ()  # noted for the tables of that cycle
        seen.append(parent)
    return ()


def _roles(draft: DataMap, problems: Problems) -> None:
    root = draft.tables.get(draft.customer.table)
    if root is None:
        return
    customer = draft.customer
    _known(root, customer.key, "customer.key", problems)
    _known(root, customer.name, "customer.name", problems)
    for role in ("email", "phone", "national_id", "tax_id", "language", "created"):
        if column := getattr(customer, role):
            _known(root, (column,), f"customer.{role}", problems)
    for path, part in (("services", draft.services), ("invoices", draft.invoices)):
        if part is None:
            continue
        table = draft.tables.get(part.table)
        if table is None or table.link.kind is LinkKind.NONE:
            problems.add(f"{path}.table", "map-unknown-table", name=part.table, allowed=tuple(draft.tables))
            continue
        named = [column for column, _ in (part.active if path == "services" else part.unpaid)]  # type: ignore[union-attr]
        named += [getattr(part, role, "") for role in ("title", "amount", "currency", "issued")]
        _known(table, filter(None, named), path, problems)


def _access(draft: DataMap, problems: Problems) -> None:
    root, access = draft.tables.get(draft.customer.table), draft.access
    if root is None:
        return
    _known(root, (column for column, _ in access.block), "access.block", problems)
    _known(root, access.clear, "access.clear", problems)
    _known(root, filter(None, (access.login, access.password, *(c for c, _ in access.when))), "access.sign_in", problems)
    if register := access.register:
        _known(root, (*register.ask, *(c for c, _ in register.set), *register.token, *register.now), "access.register", problems)
    check_register(draft, problems)
    for name in access.delete:
        table = draft.tables.get(name)
        if table is None or table.link.kind is LinkKind.NONE:
            problems.add("access.delete", "map-unknown-table", name=name, allowed=tuple(draft.tables))


def _table(draft: DataMap, name: str, table: TableMap, problems: Problems) -> None:
    at = f"tables.{name}"
    _known(table, table.link.columns, f"{at}.link", problems)
    _known(table, (c for c, _ in table.where), f"{at}.where", problems)
    for i, state in enumerate(table.states):
        _known(table, (c for c, _ in state.when), f"{at}.states[{i}].when", problems)
    if parent := draft.tables.get(table.link.parent):
        _known(parent, table.link.parent_columns, f"{at}.link", problems)
    if table.keyed:
        _known(table, (table.keyed.key, table.keyed.value), f"{at}.keyed", problems)
    if table.shared and table.link.kind is not LinkKind.DOWN:
        problems.add(f"{at}.shared", "map-shared-needs-down")
    _hold(draft, name, table, problems)
    for rule in table.columns.values():
        if rule.refers_to and (rule.refers_to != draft.customer.table or len(draft.customer.key) != 1):
            problems.add(f"{at}.columns.{rule.name}.refers_to", "map-not-allowed", allowed=(draft.customer.table,))
        if table.link.kind is LinkKind.NONE and rule.personal and not rule.everywhere:
            problems.add(f"{at}.columns.{rule.name}", "map-nobody-needs-everywhere")


def _hold(draft: DataMap, name: str, table: TableMap, problems: Problems) -> None:
    hold, at = table.hold, f"tables.{name}.hold"
    if hold is None:
        return
    _known(table, (c for c, _ in hold.when), f"{at}.when", problems)
    _known(table, hold.keep, f"{at}.keep", problems)
    if hold.with_parent:
        parent = draft.tables.get(table.link.parent)
        if table.link.kind is not LinkKind.UP or parent is None or parent.hold is None or parent.hold.with_invoices:
            problems.add(f"{at}.with_parent", "map-hold-parent")
    elif hold.with_invoices:
        invoices = draft.tables.get(draft.invoices.table) if draft.invoices else None
        if invoices is None or invoices is table or invoices.hold is None or table.link.kind is LinkKind.NONE:
            problems.add(f"{at}.with_invoices", "map-hold-invoices")
    elif draft.invoices is None or draft.invoices.table != name or not draft.invoices.issued:
        problems.add(at, "map-hold-needs-date")


def _known(table: TableMap, columns: Iterable[str], path: str, problems: Problems) -> None:
    """Columns that a role, link or condition names must be judged in the map too: silence would be drift."""
    named = set(table.columns) | ({table.keyed.key, table.keyed.value} if table.keyed else set())
    for column in columns:
        if column not in named:
            problems.add(path, "map-unknown-column", name=column, table=table.name, allowed=tuple(table.columns))
