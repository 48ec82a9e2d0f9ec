"""Notices: what users are told in the app and by mail, and what of it they want."""
