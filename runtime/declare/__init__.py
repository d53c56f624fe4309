"""The vocabulary in which modules declare what they offer (guide ch. 16). Standard library only."""
