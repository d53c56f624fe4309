"""From text to syntax tree: ``keywords`` (reserved words), ``lexer`` (master expression and
states), ``kamailio.lark`` (the grammar), ``tables`` (its LALR tables, generated), ``engine``
(driving them; recovery), ``recovery`` (what went wrong), ``expressions`` and ``build`` (the tree),
``parse`` (the entry)."""
