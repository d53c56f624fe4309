"""Directives: ``macros`` (#!define), ``conditions`` (#!ifdef), ``substitution`` (#!subst),
``posix`` (libc's regular expressions), ``include`` (finding files), ``directives`` (what each
directive does, in one place), ``dump`` (readable text of the result).

The lexer of ``kcc.grammar`` finds the directives, because where one counts depends on the
lexer's state; it hands them to ``directives.Preprocessor``."""
