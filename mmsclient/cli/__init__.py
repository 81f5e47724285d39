"""The command line: one file per command, one call of the library per command."""
