"""tm's state machines driven by hand: no sockets, no clock."""
