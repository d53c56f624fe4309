"""Side by side with Kamailio: CPU per unit of work. ``python -m bench [WORKLOAD...]``."""
