"""The ``xmlrpc`` module."""
