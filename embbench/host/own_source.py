"""Where pip got this embbench from, so that another environment can get the same."""

import json
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import embbench


def pip_arguments() -> tuple[str, ...]:
    """The arguments of `pip install` for this embbench: its folder, archive or repository (PEP 610), or its version."""
    try:
        told = metadata.distribution("embbench").read_text("direct_url.json")
    except metadata.PackageNotFoundError:  # it runs from a clone
        return "-e", str(Path(embbench.__file__).resolve().parents[1])
    return _from(json.loads(told)) if told else (f"embbench=={embbench.__version__}",)


def _from(source: dict[str, Any]) -> tuple[str, ...]:
    url = urlparse(source["url"])
    if repository := source.get("vcs_info"):
        return (f"{repository['vcs']}+{source['url']}@{repository['commit_id']}",)
    place = unquote(url.path) if url.scheme == "file" else source["url"]
    return ("-e", place) if source.get("dir_info", {}).get("editable") else (place,)
