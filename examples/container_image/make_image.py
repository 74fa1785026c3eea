#!/usr/bin/env python3
"""make_image.py FOLDER OUT.tar NAME ENTRYPOINT CMD...: creates a container image with one layer, the folder.

The result is an OCI layout in a tar file, as `docker build` and `docker save` create it from `FROM scratch` and
`COPY FOLDER /`. Docker is not needed.
"""
import gzip
import hashlib
import io
import json
import platform
import sys
import tarfile

folder, out, name, *command = sys.argv[1:]
files = {}


def blob(content):
    digest = hashlib.sha256(content).hexdigest()
    files[f"blobs/sha256/{digest}"] = content
    return {"digest": f"sha256:{digest}", "size": len(content)}


layer = io.BytesIO()
with tarfile.open(fileobj=layer, mode="w") as archive:
    archive.add(folder, arcname=".")
config = {"architecture": {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()], "os": "linux",
          "config": {"Entrypoint": command[:1], "Cmd": command[1:]}}
manifest = {"schemaVersion": 2, "config": blob(json.dumps(config).encode()),
            "layers": [blob(gzip.compress(layer.getvalue(), 1))]}
index = {"schemaVersion": 2, "manifests": [{**blob(json.dumps(manifest).encode()),
                                            "annotations": {"io.containerd.image.name": name}}]}
files |= {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": json.dumps(index).encode()}
with tarfile.open(out, "w") as archive:
    for path, content in files.items():
        entry = tarfile.TarInfo(path)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
