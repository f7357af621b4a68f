"""Forms that only our own pages can send: each carries a token that is made of a secret in the visitor's cookie.

The secret is the session of whoever is signed in, else a random one. It never stands on a page: the token is a nonce and the HMAC of it,
another one each time, so that compressed pages give nothing away. Refused by raising.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from starlette.exceptions import HTTPException

FIELD = "form"
"""Name of the hidden field."""
NONCE = 16
SAME_SITE = frozenset({"same-origin", "none"})


def token(secret: str) -> str:
    """A token for one page of the visitor with this secret."""
    nonce = secrets.token_hex(NONCE)
    return f"{nonce}.{_mark(secret, nonce)}"


def require(secret: str, told: str, sent_by: str | None) -> None:
    """Raises HTTPException 403 unless the form is ours. `sent_by` is the browser's own word on where it comes from (Sec-Fetch-Site)."""
    nonce, _, mark = told.partition(".")
    fits = hmac.compare_digest(_mark(secret, nonce).encode(), mark.encode("utf-8", "surrogatepass"))
    if not secret or not fits or (sent_by is not None and sent_by not in SAME_SITE):
        raise HTTPException(403)


def _mark(secret: str, nonce: str) -> str:
    said = nonce.encode("utf-8", "surrogatepass")
    return hmac.new(secret.encode("utf-8", "surrogatepass"), b"kvkk-panel-form:" + said, hashlib.sha256).hexdigest()
