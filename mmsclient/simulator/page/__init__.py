"""The page that shows the handsets in a browser: threads, wire documents, the limiter's minute."""

from __future__ import annotations

from mmsclient.simulator.page.endpoints import routes

__all__ = ["routes"]
