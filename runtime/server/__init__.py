"""The arbiter, its processes, logging, RPC, configuration framework and statistics."""
