"""Spreadsheets: read as the CSV of one sheet in a process of its own, and written from rows."""
