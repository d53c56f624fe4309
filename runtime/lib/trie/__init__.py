"""Library trie: prefix trees in shared memory."""
