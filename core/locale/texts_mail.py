"""Wording: templates of messages, the outbox, and what keeps mail from going out."""

from __future__ import annotations

from core.locale import N_
from core.locale.wording import Text

SHOW = N_("`kvkk templates show EVENT` shows the fields that may be named.")
WAITS = N_("The messages wait; `kvkk run` or `kvkk outbox send` tries again.")
OUTBOX = N_("`kvkk outbox list --state all` shows how it stands.")
SET = N_("`kvkk settings list` shows what is set.")

MAIL: dict[str, Text] = {
    # templates
    "template-not-found": Text(N_("There is no template {name}."), N_("Did you mean {nearest}? `kvkk templates list` shows all of them.")),
    "template-language": Text(N_("Templates are in one of these languages: {allowed}."), N_("Name one of them.")),
    "template-no-subject": Text(
        N_("The first line must be the subject: `Subject: …`. Nothing was changed."),
        N_("`kvkk templates show EVENT` shows what a template looks like."),
    ),
    "template-empty": Text(N_("The template has no text below its subject. Nothing was changed."), SHOW),
    "template-too-long": Text(N_("The template is too long. Nothing was changed."), N_("At most {most} characters.")),
    "template-subject-long": Text(N_("Line 1: the subject is too long. Nothing was changed."), N_("At most {most} characters.")),
    "template-subject-unsafe": Text(
        N_("Line 1: the subject holds the signs =?, which mail programs read as something else. Nothing was changed."),
        N_("Put a blank between them."),
    ),
    "template-subject-field": Text(
        N_("Line 1: the subject may not name {name}, since subjects are seen by others. Nothing was changed."),
        N_("Fields for the subject: {allowed}."),
    ),
    "template-hidden-sign": Text(N_("Line {line} holds a sign that cannot be seen: {sign}. Nothing was changed."), N_("Remove it.")),
    "template-foreign": Text(
        N_("Line {line} holds what looks like a field of another program. Nothing was changed."), N_("Fields are written like $number.")
    ),
    "template-lone-sign": Text(
        N_("Line {line} holds a $ without a field. Nothing was changed."),
        N_("For the sign itself write $$; fields are written like $number."),
    ),
    "template-unknown-field": Text(
        N_("Line {line} names a field that this message does not have: {name}. Nothing was changed."),
        N_("Fields of this message: {allowed}."),
    ),
    "template-field-missing": Text(
        N_("The text leaves out {name}, which the customer must be told. Nothing was changed."),
        N_("Put it where it belongs; it may be empty."),
    ),
    # messages
    "message-not-found": Text(N_("There is no message {number}."), N_("`kvkk outbox list` shows the messages that wait.")),
    "message-sending": Text(N_("Message {number} is being sent at this moment. Nothing was changed."), N_("Try again in some minutes.")),
    "message-closed": Text(N_("Nothing is left to be done about message {number}. Nothing was changed."), OUTBOX),
    # what happened to a message; also shown in the list
    "mail-address": Text(N_("The address cannot be used: it is no single e-mail address."), N_("Answer by letter, and drop the message.")),
    "mail-smtputf8": Text(N_("The mail server cannot take an address with such letters."), N_("Answer by letter, and drop the message.")),
    "mail-unsound": Text(
        N_("The message did not come out as it was meant and was not sent."), N_("Please report it: this should not happen.")
    ),
    "mail-template": Text(N_("The template cannot be filled."), N_("`kvkk templates reset EVENT LANGUAGE` brings the built-in one back.")),
    "mail-fields": Text(
        N_("The message was queued by another version and cannot be written any more."), N_("Answer by letter, and drop it.")
    ),
    "mail-refused": Text(
        N_("The mail server refused it for good (reply {reply})."), N_("Answer by letter, or try again: `kvkk outbox retry`.")
    ),
    "mail-later": Text(N_("The mail server put it off (reply {reply})."), WAITS),
    "mail-lost": Text(N_("The line to the mail server broke before it had the message."), WAITS),
    "mail-uncertain": Text(
        N_("The line to the mail server broke at the end of the message: it may have arrived."),
        N_("It is sent again later; `kvkk outbox retry` sends it now, `kvkk outbox drop` never."),
    ),
    "mail-killed": Text(
        N_("The program was stopped while it was sending: it may have arrived."),
        N_("It is sent again later; `kvkk outbox retry` sends it now, `kvkk outbox drop` never."),
    ),
    "mail-stopped": Text(N_("Sending was stopped before the mail server had it."), WAITS),
    "messages-refused": Text(N_("Messages that were refused for good: {count}."), N_("`kvkk outbox list` shows why.")),
    "messages-unknown": Text(
        N_("Messages that may have arrived: {count}."), N_("`kvkk outbox list` shows them; they are sent again later.")
    ),
    # what keeps all of them
    "mail-not-set": Text(
        N_("No mail server is set, so messages wait."),
        N_("`kvkk settings set smtp-host HOST` and `kvkk settings set mail-from ADDRESS`."),
    ),
    "mail-no-sender": Text(
        N_("Nobody has set the address that messages come from, so they wait."), N_("`kvkk settings set mail-from ADDRESS`.")
    ),
    "mail-no-password": Text(
        N_("A login at the mail server is set, but no password file, so messages wait."),
        N_("`kvkk settings set smtp-password-file /…`, or reset smtp-user."),
    ),
    "mail-login-in-clear": Text(
        N_("The password would go to another machine in clear, so messages wait."), N_("`kvkk settings set smtp-tls starttls` (or tls).")
    ),
    "mail-host-unknown": Text(N_("The name of the mail server is not known: {host}."), SET),
    "mail-unreachable": Text(N_("The mail server {host} cannot be reached ({kind})."), WAITS),
    "mail-certificate": Text(
        N_("The certificate of the mail server {host} is not valid for it, so nothing was sent."),
        N_("Correct smtp-host, or let this machine trust the authority that signed it."),
    ),
    "mail-no-tls": Text(
        N_("The mail server {host} does not offer the encryption that is set, so nothing was sent."),
        N_("Correct smtp-tls and smtp-port: starttls is usual with 587, tls with 465."),
    ),
    "mail-turned-away": Text(N_("The mail server {host} did not let us in (reply {reply})."), WAITS),
    "mail-login": Text(
        N_("The mail server refused the login (reply {reply})."), N_("Correct smtp-user and the password in the password file.")
    ),
    "mail-login-later": Text(N_("The mail server takes no login at this moment (reply {reply})."), WAITS),
    "mail-sender": Text(
        N_("The mail server takes no messages from the set sender (reply {reply})."), N_("Correct mail-from, or log in with smtp-user.")
    ),
    "mail-breaks": Text(N_("The mail server {host} broke off three messages in a row, so the others wait."), WAITS),
    "mail-slow": Text(N_("There was no time to send every message at once, so the others wait."), WAITS),
}
