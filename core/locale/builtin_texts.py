"""The texts that come with kvkk: what customers accept (Yetkilendirme Onayı) and the privacy notice (Aydınlatma Metni), in tr and en.

They name the company as the settings do now. A company that has its own texts sets them; these are a sound start and no legal advice.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent / "builtin"
NAMELESS = {"tr": "hizmeti sunan şirket", "en": "the company that provides the service"}
"""While no name is set the sentences still hold; `doctor` says that a name is missing."""
DETAILS = {
    "tr": {"name": "Unvan", "address": "Adres", "mersis": "MERSİS numarası", "kep": "KEP adresi", "email": "E-posta"},
    "en": {"name": "Name", "address": "Address", "mersis": "MERSIS number", "kep": "KEP address", "email": "E-mail"},
}


def built_in(kind: str, language: str, company: Mapping[str, str | None]) -> str:
    """The text of a kind (`consent`, `notice`). `company`: name, address, mersis, kep, email; None or absent when not set."""
    template = Template((FOLDER / f"{kind}.{language}.txt").read_text(encoding="utf-8"))
    known = {**company, "name": company.get("name") or NAMELESS[language]}
    details = "\n".join(f"{label}: {known[part]}" for part, label in DETAILS[language].items() if known.get(part))
    return template.substitute(company=known["name"], details=details).rstrip("\n")
