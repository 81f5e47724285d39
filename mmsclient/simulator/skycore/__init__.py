"""The wire of Skycore's Messaging API v1 as the service speaks it: XML in, XML out."""

from __future__ import annotations

from mmsclient.simulator.skycore.wire import SkycoreWire

__all__ = ["SkycoreWire"]
