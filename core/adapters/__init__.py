"""Files that leave the house: exports, certificates, letters."""
