"""What generated code stands on: values, control flow, variables, formats, the line map."""
