"""What the development guide offers to module writers, under its names."""
