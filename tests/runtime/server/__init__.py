"""The server around the routes: start, processes, transports, RPC."""
