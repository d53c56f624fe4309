"""Modules of the server, one by one."""
