"""Rotation of the key: a new one takes over, and older ones stay to verify or are dropped after a leak.

    file          the new key is added to the key file, as the last step of the transaction; older ones stay there
    transaction   the old key hands over (compare-and-set), and signs the audit entry that says so
    after         dropped keys are taken out of the file; `kvkk run` does it when that failed

Killed anywhere, both sides work on: before the COMMIT the database counts on the old key, which the file still has, and after
it on the new one, which the file has already. A key that a killed rotation left in the file is never used.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import KeyFileError, KvkkError, OutcomeUnknown, Refused, Unavailable, UsageError
from core.model.records import Actor, JobDone, KeyLoss, KeyRotated, Role
from core.services.context import persistent
from core.services.gate import needs
from core.store import audit, keybook, rotation
from core.store.keyfile import KEY_BYTES
from core.store.keyring import Key

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.services.context import Context


UNWRITTEN = (KeyFileError, Unavailable)
"""What it means that the key file stays as it is: the set-up, or a full disk."""


class KeyService:
    """The verb `kvkk blacklist rotate-key`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.ADMIN)
    def at_risk(self, actor: Actor) -> KeyLoss:
        """What a rotation that drops every older key would give up now. Raises UsageError `no-key-yet`."""
        with self._context.reading() as conn:
            self._current(conn)
            return self._loss(conn, keybook.living(conn))

    @needs(Role.ADMIN)
    def rotate(self, actor: Actor, *, drop_old: bool = False, lost: bool = False) -> KeyRotated:
        """Make a new key the current one. Who else does so at this moment hears Conflict `key-rotated`.

        `drop_old`: older keys leaked, and are given up. `lost`: the current key is nowhere any more; only with `drop_old`.
        Raises UsageError `no-key-yet`, `lost-needs-drop`, Refused `key-not-lost`, KeyFileError.
        """
        if lost and not drop_old:
            raise UsageError("lost-needs-drop")
        keyring = self._context.keyring
        with self._context.reading() as conn:
            known = self._current(conn)
            if lost and keyring.if_present(known) is not None:
                raise Refused("key-not-lost", key_id=known)
            old = None if lost else keyring.holding(conn, known)
        done = self._rotate(actor, known, old, drop_old=drop_old)
        if done.lost is None:
            return done
        try:
            keyring.discard(done.lost.keys)
        except UNWRITTEN:
            return replace(done, pending=True)
        return done

    @needs(Role.OPERATOR)
    def tidy(self, actor: Actor) -> JobDone:
        """Take dropped keys out of the key file, where a rotation was stopped before it could; a job of `kvkk run`."""
        keyring = self._context.keyring
        with self._context.reading() as conn:
            gone = {one for one, state in keybook.states(conn).items() if state == "dropped"} & {key.id for key in keyring.held()}
        if gone:
            keyring.discard(gone)
        return JobDone(done=len(gone))

    @persistent
    def _rotate(self, actor: Actor, known: str, old: Key | None, *, drop_old: bool) -> KeyRotated:
        """The transaction. Its audit entry is signed by the key that goes; where that is lost, by the one that comes."""
        keyring, fresh = self._context.keyring, Key(secrets.token_bytes(KEY_BYTES))
        added = False
        try:
            with self._context.writing(actor, audit.handing_over(old or fresh)) as unit:
                audit.hold(unit.conn)  # whoever made something with the old key has committed by now, or makes it anew
                keybook.hand_over(unit, known, fresh.id)
                older = tuple(one for one in keybook.living(unit.conn) if one != fresh.id)
                loss = self._loss(unit.conn, older) if drop_old else None
                if loss is not None:
                    rotation.drop(unit, keyring, loss.keys, fresh)
                unit.record(audit.HANDOVER, None, **{"from": known, "to": fresh.id}, dropped=list(loss.keys) if loss else [])
                added = True
                keyring.add(fresh)
        except KvkkError as error:
            if added and not isinstance(error, OutcomeUnknown):
                with suppress(*UNWRITTEN):  # a key that nothing was made with does no harm
                    keyring.discard({fresh.id})
            raise
        return KeyRotated(fresh.id, str(keyring.path), () if loss else older, loss)

    def _current(self, conn: Connection) -> str:
        known = keybook.current(conn)
        if known is None:
            raise UsageError("no-key-yet", path=str(self._context.keyring.path))
        return known

    def _loss(self, conn: Connection, ids: Collection[str]) -> KeyLoss:
        return rotation.at_risk(conn, self._context.keyring, ids, self._context.today(conn))
