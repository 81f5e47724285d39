"""The services: pure, words in and bytes out, bytes in and words out."""
