"""The services of a desk, each made when it is first asked for: a short command loads what it uses and no more.

Here is only which collaborators each has. What is wired from many of them (`automation`), or before there is a database, is `core.desk`.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.services.access import AccessService
    from core.services.accounts import Accounts
    from core.services.admission import AdmissionService
    from core.services.audit import AuditService
    from core.services.autoresolve import AutoResolve
    from core.services.blacklist import BlacklistService
    from core.services.bulk import Bulk
    from core.services.consent import ConsentService
    from core.services.context import Context
    from core.services.customers import Customers
    from core.services.deadlines import Deadlines
    from core.services.downloads import DownloadsService
    from core.services.export_runs import ExportRuns
    from core.services.exports import Exports
    from core.services.holds import Holds
    from core.services.intake import Intake
    from core.services.keys import KeyService
    from core.services.notices import Notices
    from core.services.panel import PanelService
    from core.services.papers import Papers
    from core.services.registration import Registration
    from core.services.replay import Replay
    from core.services.reports import Reports
    from core.services.requests import Requests
    from core.services.resolutions import Resolutions
    from core.services.retention import Retention
    from core.services.scrubs import Scrubs
    from core.services.settings import SettingsService
    from core.services.staff import StaffService
    from core.services.templates import Templates
    from core.services.tidy import Tidy


class Rooms:
    """What a desk is asked for by name."""

    @cached_property
    def context(self) -> Context:
        """What every service is given; the desk wires it."""
        raise NotImplementedError

    @cached_property
    def requests(self) -> Requests:
        from core.services.requests import Requests

        return Requests(self.context)

    @cached_property
    def resolutions(self) -> Resolutions:
        from core.services.resolutions import Resolutions

        return Resolutions(self.context)

    @cached_property
    def exports(self) -> Exports:
        from core.services.exports import Exports

        return Exports(self.context)

    @cached_property
    def settings(self) -> SettingsService:
        from core.services.settings import SettingsService

        return SettingsService(self.context)

    @cached_property
    def audit(self) -> AuditService:
        from core.services.audit import AuditService

        return AuditService(self.context)

    @cached_property
    def blacklist(self) -> BlacklistService:
        from core.services.blacklist import BlacklistService

        return BlacklistService(self.context)

    @cached_property
    def keys(self) -> KeyService:
        from core.services.keys import KeyService

        return KeyService(self.context)

    @cached_property
    def customers(self) -> Customers:
        from core.services.customers import Customers

        return Customers(self.context)

    @cached_property
    def consent(self) -> ConsentService:
        from core.services.consent import ConsentService

        return ConsentService(self.context)

    @cached_property
    def access(self) -> AccessService:
        from core.services.access import AccessService

        return AccessService(self.context)

    @cached_property
    def downloads(self) -> DownloadsService:
        from core.services.downloads import DownloadsService

        return DownloadsService(self.context)

    @cached_property
    def bulk(self) -> Bulk:
        from core.services.bulk import Bulk

        return Bulk(self.context, self.resolutions)

    @cached_property
    def export_runs(self) -> ExportRuns:
        from core.services.export_runs import ExportRuns

        return ExportRuns(self.context)

    @cached_property
    def intake(self) -> Intake:
        from core.services.intake import Intake

        return Intake(self.context)

    @cached_property
    def replay(self) -> Replay:
        from core.services.replay import Replay

        return Replay(self.context, self.bulk.resolve)

    @cached_property
    def scrubs(self) -> Scrubs:
        from core.services.scrubs import Scrubs

        return Scrubs(self.context)

    @cached_property
    def papers(self) -> Papers:
        from core.services.papers import Papers

        return Papers(self.context)

    @cached_property
    def staff(self) -> StaffService:
        from core.services.staff import StaffService

        return StaffService(self.context)

    @cached_property
    def holds(self) -> Holds:
        from core.services.holds import Holds

        return Holds(self.context)

    @cached_property
    def auto(self) -> AutoResolve:
        from core.services.autoresolve import AutoResolve

        return AutoResolve(self.context, self.resolutions.resolve)

    @cached_property
    def tidy(self) -> Tidy:
        from core.services.tidy import Tidy

        return Tidy(self.context)

    @cached_property
    def retention(self) -> Retention:
        from core.services.retention import Retention

        return Retention(self.context)

    @cached_property
    def reports(self) -> Reports:
        from core.services.reports import Reports

        return Reports(self.context)

    @cached_property
    def deadlines(self) -> Deadlines:
        from core.services.deadlines import Deadlines

        return Deadlines(self.context)

    @cached_property
    def notices(self) -> Notices:
        from core.services.notices import Notices

        return Notices(self.context)

    @cached_property
    def templates(self) -> Templates:
        from core.services.templates import Templates

        return Templates(self.context)

    @cached_property
    def admission(self) -> AdmissionService:
        from core.services.admission import AdmissionService

        return AdmissionService(self.context)

    @cached_property
    def accounts(self) -> Accounts:
        """For customers: a `Visitor` calls its verbs, never staff."""
        from core.services.accounts import Accounts

        return Accounts(self.context)

    @cached_property
    def registration(self) -> Registration:
        """For people who want to be customers."""
        from core.services.registration import Registration

        return Registration(self.context)

    @cached_property
    def panel(self) -> PanelService:
        """For customers who are signed in."""
        from core.services.exports import Exporting
        from core.services.panel import PanelService

        return PanelService(self.context, self.requests, Exporting(self.context))
