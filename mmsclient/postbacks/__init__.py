"""What services tell you: kept before it is answered, handled once each, in the background."""

from mmsclient.postbacks.reading import read_inbox
from mmsclient.postbacks.receiver import Postbacks
from mmsclient.postbacks.values import FailedEvent, UnreadablePostback

__all__ = ["FailedEvent", "Postbacks", "UnreadablePostback", "read_inbox"]
