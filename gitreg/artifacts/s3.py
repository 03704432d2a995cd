"""Reading files from S3 and what speaks like it, by URLs that are signed here.

DVC's library says what the settings mean, botocore signs, and `web.py` reads: so an endpoint that
lies is held to what any web server is. Signatures are of the kind (s3v4) that holds for one host,
so what a repository's own endpoint gets is worth nothing elsewhere.
"""

from __future__ import annotations

import re
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from gitreg.artifacts.library import open_library
from gitreg.artifacts.settings import RemoteSettings
from gitreg.artifacts.sources import Stream, stored_path
from gitreg.artifacts.web import WebClient
from gitreg.errors import SetupError, TransferError

_VALID = 900  # seconds in which a download may begin
_REGION = re.compile(r"[a-z]{2,}(?:-[a-z0-9]+)+")


class S3Source:
    """A DVC remote in a bucket."""

    def __init__(self, settings: RemoteSettings) -> None:
        self.name = settings.label
        self._settings = settings
        parts = urlsplit(settings.url)
        self._bucket, self._folder = parts.netloc, parts.path.strip("/")
        self._web = WebClient(self.name, settings.options)
        self._client: Any = None
        self._lock = Lock()

    def open(self, md5: str, offset: int) -> Stream:
        """Open a file at `offset` (bytes).

        Raises: FileNotFoundError; SetupError; TransferError.
        """
        return self.open_path(stored_path(md5), offset)

    def open_path(self, path: str, offset: int) -> Stream:
        """Open what is at `path` below the remote's folder; as `open`."""
        key = f"{self._folder}/{path}".lstrip("/")
        with self._lock:
            self._client = self._client or self._connect()
        url = self._client.generate_presigned_url(
            "get_object", Params={"Bucket": self._bucket, "Key": key}, ExpiresIn=_VALID
        )
        return self._web.open(url, offset, headers={})

    def close(self) -> None:
        """Nothing is held open."""

    def _connect(self) -> Any:
        arguments = open_library(self._settings)[0].fs_args
        if arguments.get("s3_additional_kwargs", {}).get("SSECustomerKey"):
            raise SetupError(
                f"{self.name} is encrypted by sse_customer_key, which gitreg does not read",
                next_step="let the store encrypt by itself (sse), or dvc pull",
            )
        from botocore.exceptions import BotoCoreError

        try:
            client = _make_client(arguments)
            if client.meta.endpoint_url.endswith((".amazonaws.com", ".amazonaws.com.cn")):
                region = self._find_region(client)
                if region and region != client.meta.region_name:
                    client = _make_client(arguments, region)
        except (BotoCoreError, ValueError) as error:
            raise TransferError(
                f"{self.name} could not be opened: {error}",
                next_step="check your AWS configuration: docs/remotes.md",
            ) from error
        return client

    def _find_region(self, client: Any) -> str | None:
        """Ask AWS where the bucket is: a signature is for one region."""
        from botocore.exceptions import ClientError

        try:
            answer = client.head_bucket(Bucket=self._bucket)
        except ClientError as error:
            answer = error.response
        headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        region = headers.get("x-amz-bucket-region", "")
        return region if _REGION.fullmatch(region) else None


def _make_client(arguments: dict[str, Any], region: str | None = None) -> Any:
    """Make a client by what s3fs would make one of, anonymous where there are no keys."""
    import botocore.session
    from botocore import UNSIGNED
    from botocore.config import Config

    session = botocore.session.Session(profile=arguments.get("profile"))
    keys = {
        f"aws_{name}": arguments[short]
        for name, short in (
            ("access_key_id", "key"),
            ("secret_access_key", "secret"),
            ("session_token", "token"),
        )
        if arguments.get(short)
    }
    anonymous = arguments.get("anon") or not (keys or session.get_credentials())
    config = Config(
        **{
            **arguments.get("config_kwargs", {}),
            "signature_version": UNSIGNED if anonymous else "s3v4",
            "retries": {"total_max_attempts": 2},
        }
    )
    return session.create_client(
        "s3",
        use_ssl=arguments.get("use_ssl", True),
        config=config,
        **keys,
        **{**arguments.get("client_kwargs", {}), **({"region_name": region} if region else {})},
    )
