"""A drafted data map as TOML that a person goes on with: what is guessed says so, and what is open says why.

Promises: every name is quoted as TOML and the language of links need it; no name can end a comment or begin a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from core.locale import N_
from core.model.datamap import LinkKind
from core.model.draftlinks import LinkDraft
from core.model.draftwords import NUMBERS
from core.model.records.drafts import DraftColumn, DraftSection, DraftTable, MapDraft
from core.model.schema import TableShape
from core.visible import safe

Say = Callable[[str], str]

HEAD = (
    N_("A draft, proposed from names, types and declared keys alone: no row was read."),
    N_('"guess:" marks what names made likely; read each, and correct it. "TODO" marks what only a person can decide: it is left out, and'),
    N_("`kvkk map check` names it until it is there. Nothing runs before. `kvkk help map` explains the map."),
)
GUESS_TABLE = N_("guess: the customers' table; `kvkk map draft --customers TABLE` starts from another one")
GUESS = N_("guess: by name and type")
GUESS_LINK = N_("guess: by the names of columns, no key is declared")
GUESS_VALUE = N_("guess: rows that hold the customer's own value")
GUESS_SHARED = N_("guess: several rows may refer to one of these")
GUESS_DELETED = N_("guess: these rows let somebody in, so they go on a mask too")
GUESS_NONE = N_("guess: no path to a customer was found")
GUESS_PLAIN = N_("guess: no path to a customer; called like things or settings, or nothing in it looks personal")
ALSO = N_("also reached by {columns}: if they disagree, choose whose the row is")
CONFIRM = N_("TODO: which word stands there for a customer? Guessed: {value}")
WITHOUT = N_("declared not personal as a whole")
OUTSIDE = N_("TODO: what no program can reach (backups, mailing lists, paper): one sentence each, printed on certificates")
ONLY_SOME = N_("TODO if other people stand in this table too (staff): which rows are customers?")
NO_NAME = N_("TODO: no column looks like a name")
ACCESS = N_(
    "TODO: what makes sign-in stop at once; without it `--anonymise` alone cannot be carried out. Columns that look like it: {columns}"
)
SECTION_TODO = N_("TODO: the words are an example. Look which words {column} holds, take the # away, and declare {column} not personal")
SECTION_NONE = N_("TODO: no such table with a state was recognised. An example:")
SECTION_KNOWN = N_("guess: the words are among those that the schema allows")
HOLD = N_("TODO if a law keeps issued invoices: which rows are issued, and which columns stay readable")
LOOKS = N_("looks like {kind}")

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LINK_NAME = re.compile(r'[^\s",.<>-][^\s",.<>]*')
EXAMPLES = {
    "services": ('table = "services"', 'active = { status = ["active", "suspended"] }', 'title = "domain"'),
    "invoices": ('table = "invoices"', 'unpaid = { status = ["unpaid", "overdue"] }', 'amount = "total"', 'issued = "issued_on"'),
}


def text(value: str) -> str:
    """A TOML string, of which every character can be seen."""
    shown = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in shown)


def key(name: str) -> str:
    """A TOML key."""
    return name if _BARE.fullmatch(name) else text(name)


def texts(values: tuple[str, ...]) -> str:
    """One string, or a list of them."""
    return text(values[0]) if len(values) == 1 else f"[{', '.join(text(v) for v in values)}]"


def link_text(link: LinkDraft, tables: Mapping[str, TableShape], found: Mapping[str, LinkDraft]) -> str:
    """The value of `link`; empty for the customers' own table."""
    if link.kind is LinkKind.ROOT:
        return ""
    if link.kind is LinkKind.NONE:
        return text("none")
    if link.kind is LinkKind.MATCH:
        return f"{{ match = {text(link.columns[0])}, to = {text(link.to)} }}"
    near = ", ".join(_name(c) for c in link.columns)
    root = next(iter(found))
    if link.kind is LinkKind.UP and link.parent == root and link.parent_columns == tables[root].key:
        return text(near)
    sign = "->" if link.kind is LinkKind.UP else "<-"
    return text(f"{near} {sign} {', '.join(f'{_name(link.parent)}.{_name(c)}' for c in link.parent_columns)}")


def _name(name: str) -> str:
    plain = _LINK_NAME.fullmatch(name) and name != "none"
    return name if plain else '"' + name.replace('"', '""') + '"'


def write(found: MapDraft, say: Say) -> str:
    """The whole file."""
    lines = [*(f"# {say(line)}" for line in HEAD), "", "version = 1", f"name = {text(found.name)}"]
    lines += ["", f"# {say(OUTSIDE)}", "# outside = []", "", *_customer(found, say), "", *_access(found, say)]
    lines += ["", *_section("services", "active", found.services, say), "", *_section("invoices", "unpaid", found.invoices, say)]
    for table in found.tables:
        if table.link:
            lines += ["", *_table(table, found, say)]
    if plain := [table for table in found.tables if not table.link]:
        names = [f"  {text(table.name)},  # {say(GUESS)}" for table in plain]
        lines += ["", f"# {say(GUESS_PLAIN)}", "[[not_personal]]", "tables = [", *names, "]", f"because = {text(say(WITHOUT))}"]
    return "\n".join(lines) + "\n"


def _customer(found: MapDraft, say: Say) -> Iterator[str]:
    roles = dict(found.roles)
    yield "[customer]"
    yield f"table = {text(found.customers)}  # {say(GUESS_TABLE)}"
    yield f"key = {texts(found.key)}"
    for role, columns in roles.items():
        kinds = {c.kind for t in found.tables if t.name == found.customers for c in t.columns if c.name in columns}
        nameless = role == "name" and kinds & {"", "email"}
        yield f"{role} = {texts(columns)}  # {say(NO_NAME if nameless else GUESS)}"
    yield f'# where = {{ type = "…" }}  # {say(ONLY_SOME)}'


def _access(found: MapDraft, say: Say) -> Iterator[str]:
    """Only in comments: a wrong word here would leave the door open, and say that it is shut."""
    root = next(table for table in found.tables if table.name == found.customers)
    likely = [c.name for c in root.columns if c.kind == "secret" or "status" in c.name.lower() or "durum" in c.name.lower()]
    yield f"# {say(ACCESS).format(columns=safe(', '.join(likely)) or '–')}"
    yield "# [access]"
    yield '# block = { status = "blocked", password_hash = "!" }'
    yield "# delete = []"


def _section(name: str, word: str, part: DraftSection | None, say: Say) -> Iterator[str]:
    if part is None:
        yield f"# {say(SECTION_NONE)}"
        yield f"# [{name}]"
        yield from (f"# {line}" for line in EXAMPLES[name])
        return
    lines = [f"[{name}]", f"table = {text(part.table)}", f"{word} = {{ {key(part.column)} = {texts(part.values)} }}"]
    lines += [f"{role} = {text(column)}" for role, column in part.roles]
    yield f"# {say(SECTION_KNOWN) if part.known else say(SECTION_TODO).format(column=safe(part.column))}"
    yield from lines if part.known else (f"# {_inline(line)}" for line in lines)


def _inline(line: str) -> str:
    return safe(line, 1000)


def _table(table: DraftTable, found: MapDraft, say: Say) -> Iterator[str]:
    yield f"[tables.{key(table.name)}]"
    if table.link_text:
        why = {"match": GUESS_VALUE, "none": GUESS_NONE}.get(table.link, GUESS_LINK)
        yield f"link = {table.link_text}" + ("" if table.known else f"  # {say(why)}")
    if table.also:
        yield f"# {say(ALSO).format(columns=safe(', '.join(table.also)))}"
    if table.where:
        column, value = table.where
        yield f"where = {{ {key(column)} = {text(value)} }}  # {say(CONFIRM).format(value=safe(value))}"
    if table.shared:
        yield f"shared = true  # {say(GUESS_SHARED)}"
    if table.deleted:
        yield f'on_mask = "delete"  # {say(GUESS_DELETED)}'
    if found.invoices and found.invoices.table == table.name:
        yield f"# {say(HOLD)}"
        yield f'# hold = {{ when = {{ {_numbered(table)} = "not null" }}, keep = [], because = "VUK 253 / TTK 82" }}'
    if table.key_value:
        at, value = (_inline(text(one)) for one in table.key_value)
        yield f'# keyed = {{ key = {at}, value = {value}, kinds = {{ billing_phone = "phone" }} }}'
    yield from _plain(table, say)
    yield from _columns(table, say)


def _numbered(table: DraftTable) -> str:
    """The column that only an issued invoice has."""
    found = next((column.name for column in table.columns if column.not_personal == NUMBERS), "number")
    return _inline(key(found))


def _plain(table: DraftTable, say: Say) -> Iterator[str]:
    """Columns that are not personal, by reason; those that the schema itself tells apart from those that names made likely."""
    groups: dict[tuple[bool, str], list[str]] = {}
    for column in table.columns:
        if column.not_personal:
            groups.setdefault((not column.known, column.not_personal), []).append(column.name)
    if groups:
        yield "not_personal = ["
        for (guessed, reason), names in sorted(groups.items()):
            listed = ", ".join(text(name) for name in names)
            yield f"  {{ columns = [{listed}], because = {text(say(reason))} }}," + (f"  # {say(GUESS)}" if guessed else "")
        yield "]"


def _columns(table: DraftTable, say: Say) -> Iterator[str]:
    shown = [column for column in table.columns if not column.not_personal]
    if not shown:
        return
    yield f"[tables.{key(table.name)}.columns]"
    for column in shown:
        kind = safe(column.type)
        if column.open:
            looks = f" ({say(LOOKS).format(kind=column.looks)})" if column.looks else ""
            head = f"{key(column.name)} = {_rule(column)}  " if column.kind else ""
            yield f"{head}# TODO {_inline(key(column.name))} {kind}{looks}: {say(column.open)}"
        else:
            yield f"{key(column.name)} = {_rule(column)}  # {say(GUESS)} ({kind})"


def _rule(column: DraftColumn) -> str:
    if column.refers_to:
        return f"{{ refers_to = {text(column.refers_to)} }}"
    if not column.mask:
        return text(column.kind)
    everywhere = ", everywhere = true" if column.everywhere else ""
    return f"{{ kind = {text(column.kind)}, mask = {text(column.mask)}{everywhere} }}"
