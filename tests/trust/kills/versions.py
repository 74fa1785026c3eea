"""Requests to S3 for a bucket with versions: puts, delete markers, deletes by version, versioning and settings."""

import base64
import hashlib

from .model import ABSENT, Step
from .s3 import digest

KEYS, VERSIONS_MAX = 3, 8


class Version_Requests:
    """The model has the versions of a key, the newest first: [version id, digest], the digest of a delete marker is ABSENT."""

    kinds = ("versions", "settings")

    def __init__(self, client):
        self.client, self.model, self.bucket = client, client.model, f"versions-{client.name}-b"

    @property
    def status(self):
        return self.model.state[f"settings/{self.bucket}"]["versioning"]

    def send(self, method, path="", body=b"", expect=(200, 204)):
        headers = {"Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode()}
        return self.client.wire.send("s3", method, f"/{self.bucket}{path}", body, headers, expect)

    def plan(self, random):
        if f"settings/{self.bucket}" not in self.model.state:
            return Step(f"CreateBucket {self.bucket}", lambda: self.send("PUT"),
                        {f"settings/{self.bucket}": {"versioning": ABSENT, "lifecycle": ABSENT, "cors": ABSENT}})
        return random.choice([self.put] * 4 + [self.delete] * 2 + [self.delete_version] * 2 + [self.set_versioning, self.set_lifecycle, self.set_cors])(random)

    # ---- versions ---------------------------------------------------------------------------------------------------

    def key(self, random):
        return f"k{random.randrange(KEYS)}"

    def resource(self, key):
        return f"versions/{self.bucket}/{key}"

    def added(self, name, content):
        """Returns the changes of a request that adds a version, and what accepts its effect if its id is not known."""
        before, is_enabled = self.model.state.get(name) or [], self.status == "Enabled"
        others = before if is_enabled else [version for version in before if version[0] != "null"]

        def changes(response):
            return {name: [[response.headers["x-amz-version-id"] if is_enabled else "null", content], *others]}

        def accepts(_, observed):
            versions = observed[name] or []
            return versions[1:] == others and versions[0][1] == content and (versions[0][0] == "null") == (not is_enabled)

        return changes, {"accepts": accepts, "names": (name,)}

    def put(self, random):
        key, body = self.key(random), random.randbytes(random.choice([1, 10, 3000]))
        if len(self.model.state.get(self.resource(key)) or []) >= VERSIONS_MAX:
            return self.delete_version(random, key)
        changes, unknown = self.added(self.resource(key), digest(body))
        return Step(f"PutObject {self.bucket}/{key}", lambda: self.send("PUT", f"/{key}", body), changes, **unknown)

    def delete(self, random):
        key = self.key(random)
        name = self.resource(key)
        if self.status is ABSENT:
            return Step(f"DeleteObject {self.bucket}/{key}", lambda: self.send("DELETE", f"/{key}"), {name: ABSENT})
        if len(self.model.state.get(name) or []) >= VERSIONS_MAX:
            return self.delete_version(random, key)
        changes, unknown = self.added(name, ABSENT)
        return Step(f"DeleteObject {self.bucket}/{key}", lambda: self.send("DELETE", f"/{key}"), changes, **unknown)

    def delete_version(self, random, key=None):
        key = key or self.key(random)
        name = self.resource(key)
        versions = self.model.state.get(name)
        if not versions:
            return self.put(random)
        version = random.choice(versions)[0]
        rest = [each for each in versions if each[0] != version]
        return Step(f"DeleteObject {self.bucket}/{key} {version}", lambda: self.send("DELETE", f"/{key}?versionId={version}"), {name: rest or ABSENT})

    # ---- settings ---------------------------------------------------------------------------------------------------

    def changed(self, label, send, **changes):
        name = f"settings/{self.bucket}"
        return Step(f"{label} {self.bucket}", send, {name: self.model.copy_of(name, **changes)})

    def set_versioning(self, random):
        status = "Suspended" if self.status == "Enabled" and random.random() < 0.5 else "Enabled"
        body = f"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>"
        return self.changed("PutBucketVersioning", lambda: self.send("PUT", "?versioning", body.encode()), versioning=status)

    def set_lifecycle(self, random):
        days = str(random.randrange(1000, 9000))
        body = (f"<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status><Filter><Prefix>none/</Prefix></Filter>"
                f"<Expiration><Days>{days}</Days></Expiration></Rule></LifecycleConfiguration>")
        return self.changed("PutBucketLifecycleConfiguration", lambda: self.send("PUT", "?lifecycle", body.encode()), lifecycle=days)

    def set_cors(self, random):
        if self.model.state[f"settings/{self.bucket}"]["cors"] is not ABSENT and random.random() < 0.5:
            return self.changed("DeleteBucketCors", lambda: self.send("DELETE", "?cors"), cors=ABSENT)
        origin = f"http://o{random.randrange(1000)}"
        body = f"<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>{origin}</AllowedOrigin></CORSRule></CORSConfiguration>"
        return self.changed("PutBucketCors", lambda: self.send("PUT", "?cors", body.encode()), cors=origin)

    # ---- observation ------------------------------------------------------------------------------------------------

    def observe(self, kind, name):
        return self.observe_settings() if kind == "settings" else self.observe_versions(name.rpartition("/")[2])

    def observe_settings(self):
        versioning = self.send("GET", "?versioning", expect=(200, 404))
        if versioning.status == 404:
            return ABSENT
        found = {"lifecycle": (self.send("GET", "?lifecycle", expect=(200, 404)), ".//Days"), "cors": (self.send("GET", "?cors", expect=(200, 404)), ".//AllowedOrigin")}
        return {"versioning": versioning.xml().findtext("Status"),
                **{setting: response.xml().findtext(path) if response.status == 200 else ABSENT for setting, (response, path) in found.items()}}

    def observe_versions(self, key):
        root = self.send("GET", f"?versions&prefix={key}", expect=(200, 404)).xml()
        versions = [[each.findtext("VersionId"), each.tag == "Version"] for each in root if each.tag in ("Version", "DeleteMarker")]
        return [[version, digest(self.send("GET", f"/{key}?versionId={version}").body) if has_data else ABSENT] for version, has_data in versions] or ABSENT

    def names(self):
        versions = self.send("GET", "?versions", expect=(200, 404))
        if versions.status == 404:
            return set()
        return {f"settings/{self.bucket}"} | {self.resource(each.text) for each in versions.xml().iter("Key")}
