"""Statistics on arrays: intervals, tests, power, shared mistakes. No files are read or written."""
