"""Requests for container images: imports and removals of a small OCI layout."""

import gzip
import hashlib
import io
import json
import platform
import tarfile

from .model import ABSENT, Step

IMAGES = 3
PATH = "/_osbot/images"


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def layer(text):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for number in range(20):
            entry = tarfile.TarInfo(f"folder/file{number}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
    return buffer.getvalue()


def write_layout(folder, text):
    """Writes an OCI layout with one layer. Returns the digest of its manifest."""
    def blob(content):
        (folder / "blobs/sha256").mkdir(parents=True, exist_ok=True)
        (folder / "blobs/sha256" / sha256(content)).write_bytes(content)
        return {"digest": "sha256:" + sha256(content), "size": len(content)}

    content = layer(text.encode())
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    config = {"architecture": architecture, "os": "linux", "config": {"Entrypoint": ["/x"]}, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + sha256(content)]}}
    manifest = {"schemaVersion": 2, "config": blob(json.dumps(config).encode()), "layers": [blob(gzip.compress(content, mtime=0))]}
    descriptor = blob(json.dumps(manifest).encode())
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [descriptor]}))
    return descriptor["digest"]


class Image_Requests:
    """Each client has its own images; an image's name selects the layout."""

    kinds = ("image",)

    def __init__(self, client):
        self.client, self.model, self.layouts = client, client.model, {}
        for number in range(IMAGES):
            name, folder = f"{client.name}-i{number}:v", client.folder / f"image{number}"
            self.layouts[name] = folder, write_layout(folder, name)

    def plan(self, random):
        name = random.choice(sorted(self.layouts))
        folder, digest = self.layouts[name]
        if f"image/{name}" in self.model.state:
            return Step(f"remove image {name}", lambda: self.client.wire.send("", "DELETE", f"{PATH}?reference={name}"), {f"image/{name}": ABSENT})
        body = json.dumps({"path": str(folder), "name": name}).encode()
        return Step(f"import image {name}", lambda: self.client.wire.send("", "POST", PATH, body, expect=(201,)), {f"image/{name}": {"digest": digest}})

    def images(self):
        return {name: image["digest"] for image in self.client.wire.send("", "GET", PATH).json()["images"] for name in image["names"]}

    def observe(self, kind, name):
        digest = self.images().get(name)
        return {"digest": digest} if digest else ABSENT

    def names(self):
        return {f"image/{name}" for name in self.images() if name.startswith(f"{self.client.name}-")}
