"""Free ports for tests: those of :mod:`kcc.testing`."""

from kcc.testing.ports import PortPool

__all__ = ["PortPool"]
