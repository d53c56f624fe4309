from collections.abc import Callable

def set_lookup(
    function: Callable[[bytes, int, int], tuple[bytes, int, int] | None] | None,
) -> None: ...
