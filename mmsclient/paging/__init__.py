"""Listings, page by page or row by row, also while they move."""

from mmsclient.paging.pages import MOST_PAGES, Pages
from mmsclient.paging.report import PagesReport

__all__ = ["MOST_PAGES", "Pages", "PagesReport"]
