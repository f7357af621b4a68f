"""The front door. Fronts import only from here; every name is loaded on first use, so that `--help` loads no SQL."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.config import ConfigFile, ConfigLine, configured_language
    from core.config import paths as config_files
    from core.config import show as config_lines
    from core.desk import Desk, open_desk
    from core.errors import Drift, Exit, KvkkError, MapError, UsageError
    from core.forms import NONE, Forms
    from core.locale import CATALOGUES, LANGUAGES, N_, chosen_language, translator
    from core.locale.explain import explain, explain_code, needs
    from core.locale.labels import label
    from core.locale.texts import Text
    from core.model.folding import fold
    from core.model.records import (
        OPEN_STATES,
        Actor,
        AuditEntry,
        AuditPage,
        Channel,
        Checkpoint,
        ConsentStatus,
        CustomerDetail,
        CustomerRow,
        Download,
        DownloadPage,
        Exported,
        Finding,
        HoldLine,
        Initialised,
        InvoiceStatus,
        Kind,
        MapTable,
        MapView,
        Move,
        NewRequest,
        Order,
        Preview,
        Pulse,
        Refusal,
        Regime,
        RequestDetail,
        RequestFilter,
        RequestPage,
        RequestRow,
        ResidueLine,
        Resolution,
        Resolved,
        ResolveOptions,
        Role,
        SampleCell,
        ServiceLine,
        ServiceStatus,
        SettingChange,
        SettingRow,
        State,
        TableCount,
        Tally,
        Verified,
        Visitor,
    )
    from core.product import VERSION
    from core.sample.demo import private_copy
    from core.settings import SETTINGS
    from core.visible import safe, safe_lines

__all__ = [
    "CATALOGUES",
    "LANGUAGES",
    "NONE",
    "N_",
    "OPEN_STATES",
    "SETTINGS",
    "VERSION",
    "Actor",
    "AuditEntry",
    "AuditPage",
    "Channel",
    "Checkpoint",
    "ConfigFile",
    "ConfigLine",
    "ConsentStatus",
    "CustomerDetail",
    "CustomerRow",
    "Desk",
    "Download",
    "DownloadPage",
    "Drift",
    "Exit",
    "Exported",
    "Finding",
    "Forms",
    "HoldLine",
    "Initialised",
    "InvoiceStatus",
    "Kind",
    "KvkkError",
    "MapError",
    "MapTable",
    "MapView",
    "Move",
    "NewRequest",
    "Order",
    "Preview",
    "Pulse",
    "Refusal",
    "Regime",
    "RequestDetail",
    "RequestFilter",
    "RequestPage",
    "RequestRow",
    "ResidueLine",
    "Resolution",
    "ResolveOptions",
    "Resolved",
    "Role",
    "SampleCell",
    "ServiceLine",
    "ServiceStatus",
    "SettingChange",
    "SettingRow",
    "State",
    "TableCount",
    "Tally",
    "Text",
    "UsageError",
    "Verified",
    "Visitor",
    "chosen_language",
    "config_files",
    "config_lines",
    "configured_language",
    "explain",
    "explain_code",
    "fold",
    "label",
    "needs",
    "open_desk",
    "private_copy",
    "safe",
    "safe_lines",
    "translator",
]

_ROOMS: dict[str, tuple[str, ...]] = {
    "core.config": (
        "ConfigFile",
        "ConfigLine",
        "configured_language",
        "paths as config_files",
        "show as config_lines",
    ),
    "core.desk": (
        "Desk",
        "open_desk",
    ),
    "core.errors": (
        "Drift",
        "Exit",
        "KvkkError",
        "MapError",
        "UsageError",
    ),
    "core.locale": (
        "CATALOGUES",
        "LANGUAGES",
        "N_",
        "chosen_language",
        "translator",
    ),
    "core.locale.explain": (
        "explain",
        "explain_code",
        "needs",
    ),
    "core.forms": (
        "NONE",
        "Forms",
    ),
    "core.locale.labels": ("label",),
    "core.locale.texts": ("Text",),
    "core.model.folding": ("fold",),
    "core.model.records": (
        "OPEN_STATES",
        "Actor",
        "AuditEntry",
        "AuditPage",
        "Channel",
        "Checkpoint",
        "ConsentStatus",
        "CustomerDetail",
        "CustomerRow",
        "Download",
        "DownloadPage",
        "Exported",
        "Finding",
        "HoldLine",
        "Initialised",
        "InvoiceStatus",
        "Kind",
        "MapTable",
        "MapView",
        "Move",
        "NewRequest",
        "Order",
        "Preview",
        "Pulse",
        "Refusal",
        "Regime",
        "RequestDetail",
        "RequestFilter",
        "RequestPage",
        "RequestRow",
        "ResidueLine",
        "Resolution",
        "Resolved",
        "ResolveOptions",
        "Role",
        "SampleCell",
        "ServiceLine",
        "ServiceStatus",
        "SettingChange",
        "SettingRow",
        "State",
        "TableCount",
        "Tally",
        "Verified",
        "Visitor",
    ),
    "core.sample.demo": ("private_copy",),
    "core.product": ("VERSION",),
    "core.visible": (
        "safe",
        "safe_lines",
    ),
    "core.settings": ("SETTINGS",),
}
"""Module -> what it gives; `show as config_lines` where the door needs another name."""
_HOME = {name.rpartition(" ")[2]: (room, name.partition(" ")[0]) for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(name)
    room, there = _HOME[name]
    value = getattr(import_module(room), there)
    globals()[name] = value
    return value
