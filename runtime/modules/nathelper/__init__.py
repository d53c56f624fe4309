"""The ``nathelper`` module."""
