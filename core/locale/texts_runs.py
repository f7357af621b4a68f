"""Wording: runs over many requests."""

from __future__ import annotations

from core.locale import N_
from core.locale.wording import Text

RUNS: dict[str, Text] = {
    "run-in-progress": Text(
        N_("A run over many requests is under way, by {by}. Nothing was changed."),
        N_("`kvkk runs list` shows it. If it died, its place is free again at {at}."),
    ),
    "run-not-found": Text(N_("There is no run {run}."), N_("`kvkk runs list` shows the runs.")),
    "run-no-id": Text(
        N_("That is no id of a run: an id has eight digits and letters from a to f."),
        N_("`kvkk runs list` shows the runs; a run of exports has its id in the first line of its manifest.jsonl."),
    ),
    "manifest-exists": Text(
        N_("The folder holds the manifest of another run. Nothing was written."),
        N_("Choose another folder, or go on with that run: --resume RUN (its first line names it)."),
    ),
    "manifest-missing": Text(
        N_("The folder holds no manifest, so no run of exports was begun there. Nothing was written."),
        N_("Name the folder of that run, or leave --resume out."),
    ),
    "manifest-of-another": Text(
        N_("The folder holds the manifest of run {run}, format {format}. Nothing was written."),
        N_("--resume {run} --format {format} goes on with it; for another run choose another folder."),
    ),
    "manifest-in-use": Text(
        N_("Another process is writing in this folder for the same run. Nothing was written."), N_("Wait until it has ended.")
    ),
    "manifest-damaged": Text(
        N_("The manifest in the folder cannot be read. Nothing was written."), N_("Choose another folder and begin anew.")
    ),
    "run-lost": Text(
        N_("The run {run} was away for too long and somebody else may have gone on with it. What was told as done is done."),
        N_("`kvkk resolve --resume {run}` does what is left."),
    ),
}
