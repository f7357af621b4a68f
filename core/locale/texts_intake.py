"""Wording: lists of requests that come as a file. Lines and columns are named, never what stands there."""

from __future__ import annotations

from core.locale import N_
from core.locale.wording import Text

SAVE = N_("Save it as CSV in UTF-8; in a spreadsheet choose “CSV UTF-8”.")
HEADER = N_("The first line names the columns: {allowed}.")

INTAKE: dict[str, Text] = {
    "csv-missing-file": Text(N_("There is no such file. Nothing was changed."), N_("Check its name; - reads from standard input.")),
    "csv-unreadable": Text(N_("The file cannot be read ({kind}). Nothing was changed."), N_("Check what it is, its owner and its mode.")),
    "csv-empty": Text(
        N_("The file holds no request. Nothing was changed."), N_("Below the line with the columns, write one request a line.")
    ),
    "csv-not-utf8": Text(N_("The file is not UTF-8: line {line}. Nothing was changed."), SAVE),
    "csv-no-header": Text(N_("Line {line} does not name the columns; these are needed: {required}. Nothing was changed."), HEADER),
    "csv-column": Text(N_("Column {column} has a name that is not known. Nothing was changed."), HEADER),
    "csv-column-twice": Text(N_("The column {column} is there twice. Nothing was changed."), N_("Name every column once.")),
    "csv-broken": Text(
        N_(
            "From line {line} on the file cannot be read as CSV: a quotation mark does not end or stands in the wrong place. "
            "Nothing was changed."
        ),
        N_("Correct that line; a quotation mark inside a text is written twice."),
    ),
    "csv-line-too-long": Text(
        N_("Line {line} is longer than {most} bytes. Nothing was changed."), N_("Is it a CSV file? Shorten that line.")
    ),
    "csv-too-large": Text(N_("The file is larger than {most} bytes. Nothing was changed."), N_("Split it.")),
    "csv-too-many-lines": Text(N_("The file holds more than {most} requests. Nothing was changed."), N_("Split it.")),
    # one line
    "csv-cells": Text(
        N_("It has {cells} cells, and there are {columns} columns."), N_("Put a text that holds the separator between quotation marks.")
    ),
    "csv-value-missing": Text(N_("The column {column} is empty."), N_("Fill it in.")),
    "csv-bad-value": Text(N_("The column {column} must hold one of: {allowed}."), N_("Correct it.")),
    "csv-bad-day": Text(N_("The column {column} must hold a date such as 2026-11-23 or 23.11.2026."), N_("Correct it.")),
    "csv-customer-twice": Text(
        N_("An earlier line is for the same customer, who may have one open request only."), N_("Leave one of them out.")
    ),
}
