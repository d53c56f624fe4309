"""SIP user agents for tests: blocking sockets, raw packets, everything recorded."""
