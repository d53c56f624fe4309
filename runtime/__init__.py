"""The SIP server that runs compiled Kamailio configurations. It never imports the compiler."""
