"""The ``cfg_rpc`` module."""
