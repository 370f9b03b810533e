"""The commands, a room each; the command line loads the one that is asked for."""
