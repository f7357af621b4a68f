"""What people call the tables that most companies have; any other table is called by its own name."""

from __future__ import annotations

from core.locale import N_, Translator

NAMES = {
    "customers": N_("Customer"),
    "contacts": N_("Contact persons"),
    "customer_addresses": N_("Use of addresses"),
    "addresses": N_("Addresses"),
    "services": N_("Services"),
    "domains": N_("Domains"),
    "invoices": N_("Invoices"),
    "invoice_lines": N_("Invoice lines"),
    "payments": N_("Payments"),
    "tickets": N_("Support tickets"),
    "ticket_replies": N_("Replies to support tickets"),
    "notes": N_("Notes"),
    "customer_meta": N_("Further particulars"),
    "sessions": N_("Sessions"),
    "api_tokens": N_("API tokens"),
    "password_resets": N_("Password resets"),
    "signin_log": N_("Sign-ins"),
    "mail_log": N_("E-mails sent"),
    "sms_log": N_("Text messages sent"),
    "activity_log": N_("Activity"),
}


def table_name(table: str, say: Translator) -> str:
    """The name in the translator's language, or the table's own."""
    known = NAMES.get(table)
    return say(known) if known else table
