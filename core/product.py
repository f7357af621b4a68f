"""Name and version of the product; pyproject.toml reads the version from here."""

VERSION = "0.1.0"
PRODUCT = f"kvkk-desk {VERSION}"
