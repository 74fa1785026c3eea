"""Requests for container images: imports and removals of a small OCI layout."""

import json

from support import image_layout

from .model import ABSENT, Step

IMAGES, FILES = 3, 20
PATH = "/_osbot/images"


class Image_Requests:
    """Each client has its own images; an image's name selects the layout."""

    kinds = ("image",)

    def __init__(self, client):
        self.client, self.model, self.layouts = client, client.model, {}
        for number in range(IMAGES):
            name, folder = f"{client.name}-i{number}:v", client.folder / f"image{number}"
            self.layouts[name] = folder, image_layout(folder, {f"file{each}": name.encode() for each in range(FILES)})

    def plan(self, random):
        name = random.choice(sorted(self.layouts))
        folder, digest = self.layouts[name]
        if f"image/{name}" in self.model.state:
            return Step(f"remove image {name}", lambda: self.client.control.send("", "DELETE", f"{PATH}?reference={name}"), {f"image/{name}": ABSENT})
        body = json.dumps({"path": str(folder), "name": name}).encode()
        return Step(f"import image {name}", lambda: self.client.control.send("", "POST", PATH, body, expect=(201,)), {f"image/{name}": {"digest": digest}})

    def images(self):
        return {name: image["digest"] for image in self.client.control.send("", "GET", PATH).json()["images"] for name in image["names"]}

    def observe(self, kind, name):
        digest = self.images().get(name)
        return {"digest": digest} if digest else ABSENT

    def names(self):
        return {f"image/{name}" for name in self.images() if name.startswith(f"{self.client.name}-")}
