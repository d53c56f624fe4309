"""What the modules of a Kamailio version offer."""
