"""What tests share: ports and server processes."""
