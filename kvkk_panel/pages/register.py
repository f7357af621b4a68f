"""Open an account: a link to the visitor's own address, then the details that the data map asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import N_, NewAccount
from kvkk_panel.pages.password import twice

if TYPE_CHECKING:
    from starlette.responses import Response

    from core import FieldAsked
    from kvkk_panel.visit import Visit

DETAIL = "detail-"
"""Before the name of a column in the form."""
WHOLE_NAME = ((N_("Name"), "name"),)
NAMES = ((N_("First name"), "given-name"), (N_("Last name"), "family-name"))
COMPLETE = {"phone": "tel", "email": "email", "company": "organization", "address": "street-address", "postcode": "postal-code"}
"""Kind of the data map → what browsers fill in."""


async def show_ask(visit: Visit) -> Response:
    return visit.page("ask.html", what="register")


async def ask(visit: Visit) -> Response:
    email, language = visit.told("name"), visit.language
    await visit.call(lambda desk, visitor: desk.registration.ask(visitor, email, language))
    return visit.go("/sent")


async def show(visit: Visit) -> Response:
    fields = await visit.call(lambda desk, visitor: desk.registration.fields(visitor))
    return visit.page("register.html", fields=_named(fields), prefix=DETAIL)


async def open_account(visit: Visit) -> Response:
    token, language = visit.request.path_params["token"], visit.language
    details = {name.removeprefix(DETAIL): value for name, value in visit.form.items() if name.startswith(DETAIL)}
    login = None if visit.look.login_is_email else visit.told("login")
    new = NewAccount(visit.told("email"), twice(visit), login, details)
    return await visit.enter(await visit.call(lambda desk, visitor: desk.registration.open(visitor, token, new, language)))


def _named(fields: tuple[FieldAsked, ...]) -> list[tuple[FieldAsked, str, str]]:
    """Each field with its label and what browsers fill in. Of two names the first is the first name, as the data map orders them."""
    names = [field for field in fields if field.kind == "name"]
    of_names = dict(zip(names, NAMES if len(names) == len(NAMES) else WHOLE_NAME, strict=False))
    return [(field, *of_names.get(field, (field.label or field.name, COMPLETE.get(field.kind, "")))) for field in fields]
