"""The console: staff answer requests in a terminal. A thin front on `core`; it renders records and decides nothing."""
