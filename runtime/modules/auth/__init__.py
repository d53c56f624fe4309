"""Digest authentication: challenges and the check of credentials (Kamailio's ``auth``)."""
