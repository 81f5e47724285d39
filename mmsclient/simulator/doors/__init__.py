"""The ways into the service: ASGI, sockets, and in process."""
