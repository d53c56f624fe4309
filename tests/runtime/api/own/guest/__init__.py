"""A module that uses the API of another one."""
