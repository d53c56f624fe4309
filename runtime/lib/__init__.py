"""Libraries for modules (guide ch. 17): code of several modules that the core does not need."""
