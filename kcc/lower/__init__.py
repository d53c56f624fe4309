"""From syntax tree to typed program, in the order in which it goes:
``lower`` (the entry) · ``scope`` (what is loaded and declared) · ``settings`` (outside of routes) ·
``statements`` · ``expressions`` · ``legacy`` (operands that are keywords) · ``calls`` (functions
and their arguments) · ``variables`` (pseudo-variables and formats)."""
