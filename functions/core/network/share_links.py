"""Links that people share show a page around a picture; each of these services has a direct form of it."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

_DRIVE_FILE = re.compile(r"/file/d/([A-Za-z0-9_-]{10,100})(?:/|\Z)")
_DRIVE_ID = re.compile(r"[A-Za-z0-9_-]{10,100}")
_SHEETS = re.compile(r"/spreadsheets/d/(e/)?[A-Za-z0-9_-]{10,200}(?=/|\Z)")
_GITHUB_BLOB = re.compile(r"/[^/]+/[^/]+/blob/.+")


def direct_url(url: str) -> str:
    """Where the file itself is, for a share link of Google Drive, Dropbox or GitHub; any other URL as it is.

    https://drive.google.com/file/d/ID/view -> https://drive.google.com/uc?export=download&id=ID
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return url
    if host == "drive.google.com":
        return _drive(url, parts.path, parts.query)
    is_dropbox = host in {"dropbox.com", "www.dropbox.com"} and parts.path.startswith(("/s/", "/scl/", "/sh/"))
    if is_dropbox or (host == "github.com" and _GITHUB_BLOB.fullmatch(parts.path)):
        return urlunsplit(parts._replace(query=_with_raw(parts.query)))
    return url


def csv_address(url: str) -> str:
    """Where the CSV of a shared spreadsheet is, for a link to Google Sheets; else as `direct_url`.

    https://docs.google.com/spreadsheets/d/ID/edit#gid=7 -> https://docs.google.com/spreadsheets/d/ID/export?format=csv&gid=7
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return url
    found = _SHEETS.match(parts.path) if host == "docs.google.com" else None
    if found is None:
        return direct_url(url)
    gid = {**parse_qs(parts.query), **parse_qs(parts.fragment)}.get("gid", [""])[0]
    sheet = {"gid": gid} if gid.isdecimal() else {}
    path, query = (f"{found[0]}/pub", {"output": "csv"}) if found[1] else (f"{found[0]}/export", {"format": "csv"})
    return f"https://docs.google.com{path}?{urlencode(query | sheet)}"


def _drive(url: str, path: str, query: str) -> str:
    found = _DRIVE_FILE.match(path)
    id_ = found[1] if found else ""
    if path == "/open":
        id_ = parse_qs(query).get("id", [""])[0]
    if not _DRIVE_ID.fullmatch(id_):
        return url
    return "https://drive.google.com/uc?" + urlencode({"export": "download", "id": id_})


def _with_raw(query: str) -> str:
    """The query that asks for the bytes; what else it says, Dropbox's key above all, stays as it is written."""
    kept = [pair for pair in query.split("&") if pair and pair.partition("=")[0] not in {"dl", "raw"}]
    return "&".join([*kept, "raw=1"])
