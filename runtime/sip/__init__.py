"""Protocol code without sockets or clocks."""
