"""`python -m kvkk_cli`."""

from kvkk_cli.app import run

run()
