"""The command line: parses, calls one verb of `core`, prints one answer. It decides nothing."""
