"""The ``kex`` module."""
