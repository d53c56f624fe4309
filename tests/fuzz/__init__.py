"""Native fuzzing: the parsers under libFuzzer and AddressSanitizer."""
