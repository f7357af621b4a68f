"""Revisions of our own `kvkk_*` tables, run by core/store/migrate.py. There is no alembic.ini: nothing is run by hand.

A fresh database gets the tables as they are now and is stamped with the last revision; a revision after 0001 only ever
changes a database that an earlier release has made.
"""
