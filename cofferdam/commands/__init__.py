"""The commands: a folder per section of the help, a file per command, found by their place."""
