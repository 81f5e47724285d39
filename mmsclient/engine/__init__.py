"""The only part of a call that waits. It knows no service."""
