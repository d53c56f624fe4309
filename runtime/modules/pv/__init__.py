"""The ``pv`` module."""
