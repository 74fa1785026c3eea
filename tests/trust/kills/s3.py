"""Requests to S3: objects, tags, copies, deletes, multipart uploads and buckets."""

import base64
import hashlib
import urllib.parse

from .model import ABSENT, Step

SHARED_BUCKET = "trust-shared"
PART_BYTES_MIN = 5 << 20  # of each part except the last
TWO_PART_CHANCE = 0.1
KEYS, BUCKETS, UPLOADS_MAX = 12, 3, 3


def digest(body):
    return hashlib.sha256(body).hexdigest()[:16]


def content_md5(text):
    return {"Content-MD5": base64.b64encode(hashlib.md5(text.encode()).digest()).decode()}


def tagging(tags):
    return "<Tagging><TagSet>" + "".join(f"<Tag><Key>{k}</Key><Value>{v}</Value></Tag>" for k, v in tags.items()) + "</TagSet></Tagging>"


def tags_in(root):
    return {tag.findtext("Key"): tag.findtext("Value") for tag in root.iter("Tag")}


class S3_Requests:
    kinds = ("object", "upload", "bucket")

    def __init__(self, client):
        self.client, self.model = client, client.model
        self.ids, self.metadata, self.part_bodies = {}, {}, {}  # of uploads, by their key
        self.md5_of = {}  # digest of a multipart object -> MD5 of its bytes, the ETag of its copies

    @property
    def wire(self):
        return self.client.wire

    def plan(self, random):
        choices = [self.put] * 4 + [self.delete, self.delete_many, self.tag, self.untag, self.copy, self.copy, self.create_upload,
                                    self.bucket] + [self.upload_part] * 3 + [self.copy_part, self.complete, self.abort]
        return random.choice(choices)(random)

    # ---- objects ----------------------------------------------------------------------------------------------------

    def key(self, random):
        return f"{self.client.name}/k{random.randrange(KEYS)}"

    def some_object(self, random):
        names = sorted(self.model.of_kind("object"))
        return random.choice(names).partition("/")[2] if names else None

    def path(self, key, query=""):
        return f"/{SHARED_BUCKET}/{key}" + (f"?{query}" if query else "")

    def put(self, random):
        key, body = self.key(random), random.randbytes(random.choice([0, 10, 3000, 40_000]))
        meta, tags = {"n": str(random.randrange(1000))}, {"t": str(random.randrange(100))} if random.random() < 0.5 else {}
        headers = {"x-amz-meta-n": meta["n"], "x-amz-tagging": urllib.parse.urlencode(tags), "Content-Type": "text/x"}
        state = {"body": digest(body), "etag": hashlib.md5(body).hexdigest(), "meta": meta, "tags": tags}
        return Step(f"PutObject {key}", lambda: self.wire.send("s3", "PUT", self.path(key), body, headers), {f"object/{key}": state})

    def delete(self, random):
        key = self.key(random)
        return Step(f"DeleteObject {key}", lambda: self.wire.send("s3", "DELETE", self.path(key), expect=(204,)), {f"object/{key}": ABSENT})

    def delete_many(self, random):
        keys = sorted({self.key(random) for _ in range(random.randint(2, 8))})
        body = "<Delete>" + "".join(f"<Object><Key>{key}</Key></Object>" for key in keys) + "</Delete>"
        return Step(f"DeleteObjects {keys}", lambda: self.wire.send("s3", "POST", f"/{SHARED_BUCKET}?delete", body.encode(), content_md5(body)),
                    {f"object/{key}": ABSENT for key in keys})

    def tag(self, random):
        key, tags = self.some_object(random), {"a": str(random.randrange(100)), "b": "x"}
        if key is None:
            return self.put(random)
        return Step(f"PutObjectTagging {key}", lambda: self.wire.send("s3", "PUT", self.path(key, "tagging"), tagging(tags).encode()),
                    {f"object/{key}": self.model.copy_of(f"object/{key}", tags=tags)})

    def untag(self, random):
        key = self.some_object(random)
        if key is None:
            return self.put(random)
        return Step(f"DeleteObjectTagging {key}", lambda: self.wire.send("s3", "DELETE", self.path(key, "tagging"), expect=(204,)),
                    {f"object/{key}": self.model.copy_of(f"object/{key}", tags={})})

    def copy(self, random):
        source, target = self.some_object(random), self.key(random)
        if source is None or source == target:
            return self.put(random)
        state = self.model.copy_of(f"object/{source}")
        state["etag"] = self.md5_of.get(state["body"], state["etag"])
        headers = {"x-amz-copy-source": f"/{SHARED_BUCKET}/{source}"}
        return Step(f"CopyObject {source} to {target}", lambda: self.wire.send("s3", "PUT", self.path(target), b"", headers),
                    {f"object/{target}": state})

    # ---- multipart uploads ------------------------------------------------------------------------------------------

    def some_upload(self, random, with_parts=False):
        names = sorted(name for name, state in self.model.of_kind("upload").items() if state["parts"] or not with_parts)
        return random.choice(names).partition("/")[2] if names else None

    def create_upload(self, random):
        if len(self.model.of_kind("upload")) >= UPLOADS_MAX:
            return self.abort(random)
        key, meta = f"{self.client.name}/u{self.client.serial()}", {"n": str(random.randrange(1000))}
        self.metadata[key] = meta
        self.part_bodies = {each: bodies for each, bodies in self.part_bodies.items() if f"upload/{each}" in self.model.state} | {key: {}}

        def learn(response):
            self.ids[key] = response.xml().findtext("UploadId")

        return Step(f"CreateMultipartUpload {key}",
                    lambda: self.wire.send("s3", "POST", self.path(key, "uploads"), headers={"x-amz-meta-n": meta["n"]}),
                    {f"upload/{key}": {"parts": {}}}, learn)

    def put_part(self, key, number, body, label, send):
        etag = hashlib.md5(body).hexdigest()
        self.part_bodies[key][etag] = body
        parts = {**self.model.state[f"upload/{key}"]["parts"], str(number): [etag, len(body)]}
        return Step(label, send, {f"upload/{key}": {"parts": parts}})

    def upload_part(self, random):
        key = self.some_upload(random)
        if key is None:
            return self.create_upload(random)
        body = random.randbytes(1000)
        number = 2 if self.model.state[f"upload/{key}"]["parts"] and random.random() < 0.3 else 1
        if number == 1 and random.random() < TWO_PART_CHANCE:
            body = body * (PART_BYTES_MIN // len(body) + 1)
        query = f"partNumber={number}&uploadId={self.ids[key]}"
        return self.put_part(key, number, body, f"UploadPart {key} {number}",
                             lambda: self.wire.send("s3", "PUT", self.path(key, query), body))

    def copy_part(self, random):
        key, source = self.some_upload(random), self.some_object(random)
        if key is None or source is None or "/k" not in source:
            return self.upload_part(random)
        body = self.wire.send("s3", "GET", self.path(source)).body
        if not body:
            return self.upload_part(random)
        query, headers = f"partNumber=1&uploadId={self.ids[key]}", {"x-amz-copy-source": f"/{SHARED_BUCKET}/{source}"}
        return self.put_part(key, 1, body, f"UploadPartCopy {source} to {key}",
                             lambda: self.wire.send("s3", "PUT", self.path(key, query), b"", headers))

    def complete(self, random):
        key = self.some_upload(random, with_parts=True)
        if key is None:
            return self.upload_part(random)
        parts = self.model.state[f"upload/{key}"]["parts"]
        numbers = sorted(parts)
        if len(numbers) == 2 and parts["1"][1] < PART_BYTES_MIN:
            numbers = numbers[:1]  # parts that the request does not name are discarded
        etags = [parts[number][0] for number in numbers]
        content = b"".join(self.part_bodies[key][etag] for etag in etags)
        self.md5_of[digest(content)] = hashlib.md5(content).hexdigest()
        etag = hashlib.md5(b"".join(bytes.fromhex(each) for each in etags)).hexdigest() + f"-{len(etags)}"
        listed = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{e}</ETag></Part>" for n, e in zip(numbers, etags))
        body, query = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>", f"uploadId={self.ids[key]}"
        state = {"body": digest(content), "etag": etag, "meta": self.metadata[key], "tags": {}}
        return Step(f"CompleteMultipartUpload {key}", lambda: self.wire.send("s3", "POST", self.path(key, query), body.encode()),
                    {f"object/{key}": state, f"upload/{key}": ABSENT})

    def abort(self, random):
        key = self.some_upload(random)
        if key is None:
            return self.put(random)
        return Step(f"AbortMultipartUpload {key}",
                    lambda: self.wire.send("s3", "DELETE", self.path(key, f"uploadId={self.ids[key]}"), expect=(204,)), {f"upload/{key}": ABSENT})

    # ---- buckets ----------------------------------------------------------------------------------------------------

    def bucket(self, random):
        bucket = f"trust-{self.client.name}-b{random.randrange(BUCKETS)}"
        state = self.model.state.get(f"bucket/{bucket}")
        if state is None:
            return Step(f"CreateBucket {bucket}", lambda: self.wire.send("s3", "PUT", f"/{bucket}"), {f"bucket/{bucket}": {"tags": {}}})
        if random.random() < 0.5:
            return Step(f"DeleteBucket {bucket}", lambda: self.wire.send("s3", "DELETE", f"/{bucket}", expect=(204,)), {f"bucket/{bucket}": ABSENT})
        tags = {"n": str(random.randrange(100))}
        return Step(f"PutBucketTagging {bucket}",
                    lambda: self.wire.send("s3", "PUT", f"/{bucket}?tagging", tagging(tags).encode(), expect=(200, 204)),
                    {f"bucket/{bucket}": {"tags": tags}})

    # ---- observation ------------------------------------------------------------------------------------------------

    def observe(self, kind, name):
        return {"object": self.observe_object, "upload": self.observe_upload, "bucket": self.observe_bucket}[kind](name)

    def observe_object(self, key):
        response = self.wire.send("s3", "GET", self.path(key), expect=(200, 404))
        if response.status == 404:
            return ABSENT
        return {"body": digest(response.body), "etag": response.headers["ETag"].strip('"'), "meta": {"n": response.headers["x-amz-meta-n"]},
                "tags": tags_in(self.wire.send("s3", "GET", self.path(key, "tagging")).xml())}

    def observe_upload(self, key):
        root = self.wire.send("s3", "GET", f"/{SHARED_BUCKET}?uploads&prefix={urllib.parse.quote(key, safe='')}").xml()
        ids = [upload.findtext("UploadId") for upload in root.iter("Upload") if upload.findtext("Key") == key]
        if not ids:
            return ABSENT
        self.ids[key] = ids[0]
        root = self.wire.send("s3", "GET", self.path(key, f"uploadId={ids[0]}")).xml()
        return {"parts": {part.findtext("PartNumber"): [part.findtext("ETag").strip('"'), int(part.findtext("Size"))] for part in root.iter("Part")}}

    def observe_bucket(self, bucket):
        response = self.wire.send("s3", "GET", f"/{bucket}?tagging", expect=(200, 404))
        if response.status == 200:
            return {"tags": tags_in(response.xml())}
        return {"tags": {}} if b"NoSuchTagSet" in response.body else ABSENT

    def names(self):
        prefix = f"{self.client.name}/"
        objects = self.wire.send("s3", "GET", f"/{SHARED_BUCKET}?list-type=2&prefix={prefix}").xml()
        uploads = self.wire.send("s3", "GET", f"/{SHARED_BUCKET}?uploads&prefix={prefix}").xml()
        buckets = self.wire.send("s3", "GET", "/").xml()
        return ({f"object/{each.text}" for each in objects.iter("Key")} | {f"upload/{each.text}" for each in uploads.iter("Key")} |
                {f"bucket/{each.text}" for each in buckets.iter("Name") if each.text.startswith(f"trust-{self.client.name}-")})
