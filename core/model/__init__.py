"""Pure rules: no SQL, no files, no clock, no randomness. Everything here can be tested with values alone."""
