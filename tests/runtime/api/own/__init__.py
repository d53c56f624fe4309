"""Modules of the guide, outside of the server: found by an entry point."""
