"""A customer's own verbs: each asks the gate in its own transaction, and nobody reaches what is another's."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from core.desk import Desk
from core.errors import Conflict, KvkkError, NotAllowed, NotFound, UsageError
from core.model.records import Channel, Gate, Kind, NewRequest, Resolution, ResolveOptions, State, TextKind, Visitor

VISITOR = Visitor("panel", "web.example", address="203.0.113.7")
WHO, OTHER = "77", "83"


@pytest.fixture
def engine_name(request: pytest.FixtureRequest) -> str:
    """SQLite; tests/docs/test_panel_grants.py does the same on servers."""
    return "sqlite"


def verbs(desk: Desk) -> dict[str, Callable[[], Any]]:
    """Every verb that changes or reads out something of the customer."""
    return {
        "file": lambda: desk.panel.file(VISITOR, WHO, Kind.ERASE),
        "cancel": lambda: desk.panel.cancel(VISITOR, WHO, 1),
        "export": lambda: desk.panel.export(VISITOR, WHO, io.BytesIO()),
        "consent": lambda: desk.consent.answer(VISITOR, WHO, TextKind.CONSENT),
    }


def refused(verb: Callable[[], Any]) -> str:
    with pytest.raises(KvkkError) as error:
        verb()
    return error.value.code


def test_staff_have_no_way_in(desk: Desk) -> None:
    for verb in (desk.panel.look, desk.panel.ready):
        with pytest.raises(NotAllowed, match="only-customers"):
            verb(desk.actor)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed, match="only-customers"):
        desk.panel.file(desk.actor, WHO, Kind.ERASE)  # type: ignore[arg-type]
    assert desk.requests.list(desk.actor, _all()).rows == ()


def _all() -> Any:
    from core.model.records import RequestFilter

    return RequestFilter(customer=WHO)


@pytest.mark.parametrize("resolution", [Resolution(), Resolution(mask=True), Resolution(erase=True)], ids=["access", "mask", "erase"])
def test_whoever_was_blocked_a_moment_ago_does_nothing_more(desk: Desk, resolution: Resolution) -> None:
    kind = Kind.ERASE if resolution.erase else Kind.ANONYMISE
    number = desk.requests.add(desk.actor, NewRequest(WHO, kind)).number
    desk.resolutions.resolve(desk.actor, number, resolution, ResolveOptions(force="test", notify=False))
    stamp = desk.requests.pulse(desk.actor).stamp
    codes = {name: refused(verb) for name, verb in verbs(desk).items()}
    assert set(codes.values()) <= {"session-over", "customer-not-found"}
    assert refused(lambda: desk.panel.page(VISITOR, WHO)) == "session-over"
    assert desk.requests.pulse(desk.actor).stamp == stamp


def test_while_consent_is_asked_for_only_consent_opens(desk: Desk) -> None:
    desk.settings.set(desk.actor, "enforce-consent", "on")
    found = verbs(desk)
    consent = found.pop("consent")
    assert {refused(verb) for verb in found.values()} == {"consent-required"}
    assert desk.panel.page(VISITOR, WHO).gate is Gate.CONSENT_REQUIRED
    consent()
    assert desk.panel.page(VISITOR, WHO).gate is Gate.ALLOWED
    assert desk.panel.file(VISITOR, WHO, Kind.ERASE).state is State.PENDING


def test_while_it_is_switched_off_nothing_opens(desk: Desk) -> None:
    desk.settings.set(desk.actor, "enabled", "off")
    assert {refused(verb) for verb in verbs(desk).values()} == {"customers-off"}
    assert not desk.panel.look(VISITOR).enabled


def test_another_customers_request_is_not_found_and_a_second_one_is_named(desk: Desk) -> None:
    theirs = desk.requests.add(desk.actor, NewRequest(OTHER, Kind.ERASE)).number
    with pytest.raises(NotFound, match="request-not-found"):
        desk.panel.cancel(VISITOR, WHO, theirs)
    mine = desk.panel.file(VISITOR, WHO, Kind.ANONYMISE)
    with pytest.raises(Conflict) as second:
        desk.panel.file(VISITOR, WHO, Kind.ERASE)
    assert second.value.facts == {"number": mine.number}
    assert desk.panel.page(VISITOR, WHO).open == mine
    assert mine.channel is Channel.PANEL
    with pytest.raises(UsageError, match="unknown-format"):
        desk.panel.export(VISITOR, WHO, io.BytesIO(), "exe")


def test_an_export_of_ones_own_is_on_record_as_such(desk: Desk) -> None:
    stream = io.BytesIO()
    done = desk.panel.export(VISITOR, WHO, stream, "json")
    assert done.bytes == len(stream.getvalue())
    (last,) = desk.panel.page(VISITOR, WHO).downloads
    assert (last.by, last.channel, last.format, last.state) == ("panel@web.example", "panel", "json", "done")


def test_deeds_in_a_row_are_limited_and_each_customer_counts_alone(desk: Desk, clock: Any) -> None:
    for _ in range(10):
        desk.consent.answer(VISITOR, WHO, TextKind.CONSENT)
        desk.consent.answer(VISITOR, WHO, TextKind.CONSENT, given=False)
    with pytest.raises(NotAllowed) as waits:
        desk.panel.file(VISITOR, WHO, Kind.ERASE)
    assert (waits.value.code, waits.value.facts) == ("too-many-attempts", {"seconds": 60})
    assert desk.panel.file(VISITOR, OTHER, Kind.ERASE).number
    clock.move(seconds=61)
    assert desk.panel.file(VISITOR, WHO, Kind.ERASE).number
