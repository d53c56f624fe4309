"""From text to syntax tree, in order of control flow: ``keywords`` (reserved words), ``lexer``
(master expression and states), ``kamailio.lark`` (the grammar), ``tables`` (its LALR tables,
generated into ``tables.json``), ``engine`` (drives them, recovers from errors), ``explain``
(errors in words), ``build`` with ``expressions`` and ``core_functions`` (make the tree),
``parse`` (the entry)."""
