"""What several families of primitives need."""
