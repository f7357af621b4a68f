"""The blacklist as verbs of the desk, on each engine."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from core.desk import Desk
from core.errors import KeyFileError, NotAllowed, NotFound, UsageError
from core.model.records import Actor, Details, Kind, NewRequest, Resolution, ResolveOptions
from core.sample import REFERENCE_DAY as TODAY
from core.store import tables

NEW = Details((("email", "Yeni.Kişi@Ornek.example"), ("phone", "0532 111 22 33"), ("national_id", "10000000146")))
SPELLED = Details((("phone", "+905321112233"), ("email", "YENİ.KİŞİ@ornek.example.")))
CUSTOMER = "250"


def everything(desk: Desk) -> str:
    """All of our own tables as one text."""
    with desk.store.reading() as conn:
        return repr([conn.execute(select(table)).all() for table in tables.metadata.sorted_tables])


def entries(desk: Desk, **wanted: Any) -> list[tuple[str, str | None]]:
    return [(row.kind, row.reason) for row in desk.blacklist.list(desk.actor, limit=1000, **wanted).rows if row.request is None]


def details_of(desk: Desk, key: str) -> dict[str, str]:
    with desk.store.reading() as conn:
        row = conn.execute(text("SELECT email, phone, identity_no, tax_no FROM customers WHERE id = :key"), {"key": int(key)}).one()
    return {kind: str(value) for kind, value in zip(("email", "phone", "national_id", "tax_id"), row, strict=True) if value}


def test_details_are_listed_found_and_taken_off(desk: Desk) -> None:
    assert not desk.blacklist.check(desk.actor, NEW).listed
    done = desk.blacklist.add(desk.actor, NEW, reason="fraud")
    assert [(one.kind, one.how, one.customers) for one in done] == [(kind, "added", ()) for kind, _ in NEW.values]
    assert {one.expires_on for one in done} == {TODAY + timedelta(days=3 * 365)}
    assert desk.blacklist.check(desk.actor, SPELLED).kinds == ("phone", "email")
    assert [one.how for one in desk.blacklist.add(desk.actor, SPELLED, reason="again")] == ["there", "there"]
    gone = desk.blacklist.remove_details(desk.actor, SPELLED, "a mistake")
    assert [(one.kind, one.reason, one.removed_by) for one in gone] == [(k, "a mistake", str(desk.actor)) for k in ("phone", "email")]
    assert desk.blacklist.check(desk.actor, NEW).kinds == ("national_id",)
    with pytest.raises(NotFound, match="details-not-listed"):
        desk.blacklist.remove_details(desk.actor, SPELLED, "a mistake")


def test_an_entry_is_taken_off_by_its_name(desk: Desk) -> None:
    desk.blacklist.add(desk.actor, NEW, reason="fraud")
    row = next(one for one in desk.blacklist.list(desk.actor).rows if one.kind == "phone" and one.request is None)
    gone = desk.blacklist.remove(desk.actor, f" {row.entry[:9].upper()} ", "paid in full")
    assert (gone.kind, gone.added_at, gone.added_by) == ("phone", row.added_at, row.added_by)
    assert desk.blacklist.check(desk.actor, NEW).kinds == ("email", "national_id")
    with pytest.raises(NotFound, match="entry-not-found"):
        desk.blacklist.remove(desk.actor, row.entry, "again")
    assert [one.reason for one in desk.blacklist.removals(desk.actor).rows] == ["paid in full"]


@pytest.mark.parametrize("name", ["", "1234567", "xyzxyzxyz", "%", "________", "12345678'", "1" * 65])
def test_a_name_that_is_none_is_refused(name: str, desk: Desk) -> None:
    with pytest.raises(UsageError, match="entry-malformed"):
        desk.blacklist.remove(desk.actor, name, "why")


def test_a_name_of_two_entries_is_refused(desk: Desk) -> None:
    row = {"key_id": "f" * 16, "kind": "email", "added_at": desk.store.clock(), "added_by": "x", "expires_on": TODAY}
    with desk.store.writer.begin() as conn:
        conn.execute(insert(tables.blacklist), [row | {"fingerprint": "abcdabcd" + digit * 56} for digit in "12"])
    with pytest.raises(UsageError, match="entry-ambiguous"):
        desk.blacklist.remove(desk.actor, "abcdabcd", "why")
    assert desk.blacklist.remove(desk.actor, "abcdabcd1", "why").kind == "email"


def test_a_customer_is_listed_whole_but_for_what_others_have(desk: Desk) -> None:
    mine = details_of(desk, CUSTOMER)
    with desk.store.writer.begin() as conn:
        conn.execute(text("UPDATE customers SET phone = :phone WHERE id = 251"), {"phone": mine["phone"]})
    done = {one.kind: (one.how, one.customers) for one in desk.blacklist.add_customer(desk.actor, CUSTOMER, reason="spam")}
    assert done.pop("phone") == ("shared", ())
    assert done == {kind: ("added", ()) for kind in mine if kind != "phone"}
    assert set(desk.blacklist.check(desk.actor, Details(tuple(mine.items()))).kinds) == set(done)
    with pytest.raises(NotFound, match="customer-not-found"):
        desk.blacklist.add_customer(desk.actor, "99999", reason="spam")


def test_customers_who_have_a_listed_value_are_named(desk: Desk) -> None:
    mine = details_of(desk, CUSTOMER)
    done = desk.blacklist.add(desk.actor, Details((("email", mine["email"].upper()), *NEW.values[1:2])), reason="fraud")
    assert [one.customers for one in done] == [(CUSTOMER,), ()]


def test_what_identifies_nobody_is_left_out_or_refused(desk: Desk) -> None:
    done = desk.blacklist.add(desk.actor, Details((("tax_id", "1111111111"), ("email", "a@yeni.example"))), reason="x")
    assert [(one.kind, one.how) for one in done] == [("email", "added"), ("tax_id", "nobody")]
    for values in ((("phone", "7"),), (("email", "-"), ("national_id", "***"))):
        with pytest.raises(UsageError, match="nothing-listed"):
            desk.blacklist.add(desk.actor, Details(values), reason="x")
        assert not desk.blacklist.check(desk.actor, Details(values)).listed


@pytest.mark.parametrize(
    ("values", "more", "code"),
    [
        ((), {}, "details-empty"),
        ((("name", "Ali"),), {}, "bad-kind"),
        ((("email", "a\0b@x.example"),), {}, "text-unreadable"),
        ((("email", "a\ud800b@x.example"),), {}, "text-unreadable"),
        ((("email", "a" * 5000 + "@x.example"),), {}, "text-too-long"),
        (NEW.values, {"reason": None}, "text-needed"),
        (NEW.values, {"reason": "x" * 4001}, "text-too-long"),
        (NEW.values, {"expires": TODAY - timedelta(1)}, "expiry-out-of-range"),
        (NEW.values, {"expires": TODAY.replace(year=2200)}, "expiry-out-of-range"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_input_is_refused_and_changes_nothing(values: Any, more: dict[str, Any], code: str, desk: Desk) -> None:
    before = everything(desk)
    with pytest.raises(UsageError, match=code):
        desk.blacklist.add(desk.actor, Details(values), **{"reason": "fraud"} | more)
    assert everything(desk) == before


def test_the_setting_gives_purpose_and_end(desk: Desk) -> None:
    desk.settings.set(desk.actor, "blacklist-reason", "fraud prevention")
    desk.settings.set(desk.actor, "blacklist-years", "1")
    assert desk.blacklist.add(desk.actor, NEW)[0].expires_on == TODAY + timedelta(365)
    assert ("email", "fraud prevention") in entries(desk)
    later = desk.blacklist.add(desk.actor, NEW, reason="again", expires=TODAY + timedelta(400))
    assert {(one.how, one.expires_on) for one in later} == {("extended", TODAY + timedelta(400))}


def test_no_value_stays_anywhere_in_our_tables(desk: Desk, clock: Any) -> None:
    """Not in reasons, not in the audit; and not in the memory of what was taken off."""
    told = "0532 111 22 33, yeni.kişi@ornek.example ve 10000000146 yazdı"
    desk.blacklist.add(desk.actor, NEW, reason=told)
    desk.blacklist.remove_details(desk.actor, NEW, told)
    name = desk.customers.show(desk.actor, CUSTOMER).row.name
    desk.blacklist.add_customer(desk.actor, CUSTOMER, reason=f"{name} asked, {details_of(desk, CUSTOMER)['email']}")
    assert ("email", "*** asked, ***") in entries(desk) or ("email", "*** *** asked, ***") in entries(desk)
    found = everything(desk).casefold()
    for value in ("111 22 33", "5321112233", "yeni.kişi", "10000000146", details_of(desk, CUSTOMER)["email"]):
        assert value.casefold() not in found


def test_pages_go_from_the_newest_and_neither_repeat_nor_miss(desk: Desk, clock: Any) -> None:
    for n in range(5):
        desk.blacklist.add(desk.actor, Details((("phone", f"0532 000 00 1{n}"), ("email", f"page{n}@yeni.example"))), reason="x")
        clock.move(minutes=n % 2)  # some at one moment
    whole = [row.entry for row in desk.blacklist.list(desk.actor, limit=1000).rows]
    paged, cursor = [], None
    while True:
        page = desk.blacklist.list(desk.actor, limit=3, after=cursor)
        paged += [row.entry for row in page.rows]
        if page.cursor is None:
            break
        cursor = page.cursor
    assert paged == whole
    assert len(set(whole)) == len(whole) >= 10
    assert {row.kind for row in desk.blacklist.list(desk.actor, kind="phone").rows} == {"phone"}
    for bad in ("x", "1.2", "." + "0" * 64, "9" * 18 + "." + "0" * 64):
        with pytest.raises(UsageError, match="bad-cursor"):
            desk.blacklist.list(desk.actor, after=bad)
    with pytest.raises(UsageError, match="bad-limit"):
        desk.blacklist.list(desk.actor, limit=0)
    with pytest.raises(UsageError, match="bad-kind"):
        desk.blacklist.list(desk.actor, kind="name")


def test_the_list_names_the_request_that_made_an_entry(desk: Desk) -> None:
    number = desk.requests.add(desk.actor, NewRequest(CUSTOMER, Kind.ANONYMISE)).number
    options = ResolveOptions(force="test", waive_residue="test")
    done = desk.resolutions.resolve(desk.actor, number, Resolution(blacklist=True), options)
    rows = desk.blacklist.list(desk.actor, request=number).rows
    assert {row.kind for row in rows} == set(done.blacklisted) != set()
    assert {(row.request, row.key_state, row.ended) for row in rows} == {(number, "current", False)}


def test_ended_entries_are_told_and_purged(desk: Desk, clock: Any) -> None:
    desk.blacklist.add(desk.actor, NEW, reason="x", expires=TODAY)
    desk.blacklist.add(desk.actor, Details((("email", "kalan@yeni.example"),)), reason="x", expires=TODAY + timedelta(5))
    assert desk.blacklist.purge(desk.actor).done == 0
    clock.move(days=1)
    assert [row.ended for row in desk.blacklist.list(desk.actor).rows if row.request is None].count(True) == 3
    assert not desk.blacklist.check(desk.actor, NEW).listed
    before = desk.audit.anchor(desk.actor).seq
    assert desk.blacklist.purge(desk.actor).done == 3
    assert desk.blacklist.purge(desk.actor).done == 0
    assert desk.audit.anchor(desk.actor).seq == before + 1
    assert [kind for kind, _ in entries(desk)] == ["email"]


def test_removals_are_remembered_for_three_years(desk: Desk, clock: Any) -> None:
    desk.blacklist.add(desk.actor, NEW, reason="x")
    desk.blacklist.remove_details(desk.actor, NEW, "why")
    page = desk.blacklist.removals(desk.actor, limit=2)
    rest = desk.blacklist.removals(desk.actor, limit=2, after=page.cursor)
    assert [one.kind for one in (*page.rows, *rest.rows)] == ["national_id", "phone", "email"]
    assert rest.cursor is None
    clock.move(days=3 * 365 + 1)
    desk.blacklist.purge(desk.actor)
    assert desk.blacklist.removals(desk.actor).rows == ()


def test_without_its_key_nothing_is_answered_or_taken_off_by_value(desk: Desk, target: Any) -> None:
    desk.blacklist.add(desk.actor, NEW, reason="x")
    entry = desk.blacklist.list(desk.actor).rows[0].entry
    target.key_file.rename(target.key_file.with_suffix(".away"))
    with Desk(target, actor=desk.actor, clock=desk.store.clock) as other:
        for verb in (
            lambda: other.blacklist.check(other.actor, Details((("email", "somebody@else.example"),))),
            lambda: other.blacklist.remove_details(other.actor, NEW, "why"),
            lambda: other.blacklist.remove(other.actor, entry, "why"),
            lambda: other.blacklist.add(other.actor, NEW, reason="x"),
        ):
            with pytest.raises(KeyFileError, match="key-file-missing"):
                verb()
        assert len(other.blacklist.list(other.actor).rows) >= 3
        assert not target.key_file.exists()


def test_roles(desk: Desk) -> None:
    now = desk.store.clock()
    with desk.store.writer.begin() as conn:
        rows = [
            {"account": who, "role": role, "added_at": now, "added_by": "x"} for who, role in (("vera", "viewer"), ("omer", "operator"))
        ]
        conn.execute(insert(tables.staff), rows)
    vera, omer, none = (Actor(name, "desk.example") for name in ("vera", "omer", "nobody"))
    desk.blacklist.add(omer, NEW, reason="x")
    assert desk.blacklist.check(vera, NEW).listed
    entry = desk.blacklist.list(vera).rows[0].entry
    for call in (
        lambda: desk.blacklist.add(vera, NEW, reason="x"),
        lambda: desk.blacklist.add_customer(vera, CUSTOMER, reason="x"),
        lambda: desk.blacklist.remove(vera, entry, "x"),
        lambda: desk.blacklist.remove_details(vera, NEW, "x"),
        lambda: desk.blacklist.check(none, NEW),
        lambda: desk.blacklist.list(none),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_the_audit_tells_kinds_and_no_more(desk: Desk) -> None:
    desk.blacklist.add(desk.actor, NEW, reason="because of this", expires=TODAY)
    desk.blacklist.remove_details(desk.actor, NEW, "because of that")
    with desk.store.reading() as conn:
        log = tables.audit
        said = [
            json.loads(one) for one in conn.execute(select(log.c.detail).where(log.c.verb.like("blacklist%")).order_by(log.c.seq)).scalars()
        ]
    assert [one["verb"] for one in said] == ["blacklist.add", *["blacklist.remove"] * 3]
    assert said[0]["detail"] == {"kinds": ["email", "phone", "national_id"], "expires": TODAY.isoformat()}
    assert [one["detail"] for one in said[1:]] == [{"kind": kind} for kind, _ in NEW.values]
    assert "because" not in json.dumps(said)


def test_values_do_not_show_in_a_repr() -> None:
    assert "ornek" not in repr(NEW)


def test_an_entry_of_a_key_that_the_database_does_not_know_is_marked(desk: Desk) -> None:
    desk.blacklist.add(desk.actor, NEW, reason="x")
    with desk.store.writer.begin() as conn:
        conn.execute(update(tables.blacklist).where(tables.blacklist.c.kind == "phone").values(key_id="0" * 16))
    assert {row.key_state for row in desk.blacklist.list(desk.actor, kind="phone").rows} == {"unknown"}
