"""Skycore's Messaging API v1."""

from mmsclient.services.skycore.service import Skycore as Skycore
