"""Fault injection: a process kills itself at a named point, so that tests can see the repair."""

def point(name: str) -> int:
    """The id of a point, made on first use. Call before the fork."""

def arm(name: str, skip: int = 0) -> None:
    """The next process that reaches the point, after ``skip`` passes, dies by SIGKILL.

    Raises KeyError for a name that no loaded topic has, RuntimeError without shared memory.
    """

def disarm() -> None:
    """Nothing dies any more."""

def armed() -> str | None:
    """The armed point, or None once it has killed its process."""

def points() -> tuple[str, ...]:
    """Every point known in this process."""

def hit(id: int) -> None:
    """Pass a point from Python."""
