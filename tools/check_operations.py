#!/usr/bin/env python3
"""Checks that docs/reference/operations.md lists what the engine does with each operation of AWS's models.

    check_operations.py [--write]

Reads the operations of the models (src/aws/models), the tables of operations of the services (src/services), the members that
these reject, and tools/operations_notes.py. --write writes the page. Otherwise prints why the page is not current.

Exit status: 0 if the page is current, 1 if it is not, or if a note names something that does not exist.
"""
import argparse
import collections
import pathlib
import re
import sys
import textwrap

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from operations_notes import PARTIAL, REFUSED

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/operations.md"
SERVICES = {"lambda": "Lambda", "s3": "S3", "sqs": "SQS", "iam": "IAM", "sts": "STS", "logs": "CloudWatch Logs"}
LINE_WIDTH = 120
INTRODUCTION = """# Operations of the local engine

This page lists the operations of the six services, by AWS's models. `tools/check_operations.py --write` writes it from the
tables of operations, and a test fails if it is not current.

- **Works:** all members of the request are acted on, or stored and returned, as on AWS.
- **Partial:** the row describes the missing part. "Rejected" members return 501 `NotImplemented`, and the error names the
  operation and the member (in S3, the header).
- **Refused:** the operation returns 501 `NotImplemented`, and the error names it. The row has what the engine lacks.

[IAM, STS and CloudWatch Logs](iam_sts_and_logs.md) describes the differences of these services.
"""

Model = collections.namedtuple("Model", "version operations members")


def model_of(service):
    """Reads the operations of a generated table, and the members of their inputs."""
    text = (ROOT / f"src/aws/models/{service}.cpp").read_text()
    table = dict(re.findall(r"^constexpr \w+ (\w+)\[\] = \{\n(.*?)^\};", text, re.M | re.S))
    members = re.findall(r'^    \{"(\w+)", (?:nullptr|"[^"]*"), id::', table["members"], re.M)
    shapes = {name: members[int(first):int(first) + int(count)]
              for name, first, count in re.findall(r'^    \{"(\w+)", Type::\w+, [\w |]+, (\d+), (\d+), ', table["shapes"], re.M)}
    operations = dict(re.findall(r'^    \{"(\w+)", "\w+", "[^"]*", \d+, (?:id::)?(\w+),', table["operations"], re.M))
    version = re.search(r"^// Generated .*: \w+, version ([\d-]+)\.", text)[1]
    return Model(version, list(operations), {name: shapes.get(shape, []) for name, shape in operations.items()})


def sources_of(service):
    return "\n".join(file.read_text() for file in sorted((ROOT / "src/services" / service).rglob("*.cpp")))


def implemented(service, model):
    """Lists the operations in the tables of a service, in the order of the model."""
    entries = set(re.findall(r'\{"([A-Z]\w*)",\s*&', sources_of(service)))
    return [name for name in model.operations if name in entries]


def rejected_members(service, model):
    """Returns {operation: the members that Operations::reject() names, or that S3 does not support}."""
    sources, rejected = sources_of(service), collections.defaultdict(list)
    for block in re.findall(r"\.reject\(\{(.*?)\}\);", sources, re.S):
        for operation, member in re.findall(r'\{"(\w+)", "(\w+)"\}', block):
            if member not in model.members[operation]:
                sys.exit(f"{service}: {operation} has no member {member}, which a table rejects")
            rejected[operation].append(f"`{member}`")
    unsupported = re.search(r"^constexpr Unsupported unsupported\[\] = \{(.*?)^\};", sources, re.M | re.S)
    for member, accepted in re.findall(r'\{"(\w+)"(?:, "(\w+)")?\}', unsupported[1] if unsupported else ""):
        for operation, members in model.members.items():
            if member in members:
                rejected[operation].append(f"`{member}` other than {accepted}" if accepted else f"`{member}`")
    return rejected


def missing_parts(service, model):
    """Returns {operation: text}, of the operations that work in part."""
    rejected, done = rejected_members(service, model), implemented(service, model)
    unknown = [name for name in PARTIAL[service] if name not in done]
    if unknown:
        sys.exit(f"tools/operations_notes.py: {service} does not have {', '.join(unknown)}")
    texts = {}
    for name in done:
        parts = [PARTIAL[service].get(name, ""), f"Rejected: {', '.join(rejected[name])}." if rejected[name] else ""]
        if any(parts):
            texts[name] = " ".join(part for part in parts if part)
    return texts


def refused_groups(service, names):
    """Returns {reason: names}. Each name must have a reason, and each pattern a name."""
    groups = {reason: [] for reason, _ in REFUSED[service]}
    for name in names:
        reason = next((reason for reason, pattern in REFUSED[service] if re.search(pattern, name)), None)
        if reason is None:
            sys.exit(f"tools/operations_notes.py: {service} {name} is not implemented and has no reason in REFUSED")
        groups[reason].append(name)
    unused = [reason for reason, members in groups.items() if not members]
    if unused:
        sys.exit(f"tools/operations_notes.py: no operation of {service} is refused because of: {', '.join(unused)}")
    return groups


def code_list(names):
    return ", ".join(f"`{name}`" for name in names)


def section(service, model):
    done, parts = implemented(service, model), missing_parts(service, model)
    works = [name for name in done if name not in parts]
    refused = refused_groups(service, [name for name in model.operations if name not in done])
    lines = [f"## {SERVICES[service]}", "", f"Version {model.version} of the API.", ""]
    lines += textwrap.wrap(f"Works: {code_list(works)}.", LINE_WIDTH, break_long_words=False, break_on_hyphens=False) + [""]
    if parts:
        lines += ["| partial | missing |", "| --- | --- |", *(f"| `{name}` | {text} |" for name, text in parts.items()), ""]
    if refused:
        lines += ["| the engine lacks | refused |", "| --- | --- |", *(f"| {reason} | {code_list(names)} |" for reason, names in refused.items()), ""]
    return [len(model.operations), len(works), len(parts), len(model.operations) - len(done)], "\n".join(lines)


def page():
    rows, sections = [], []
    for service, title in SERVICES.items():
        counts, text = section(service, model_of(service))
        rows.append(f"| [{title}](#{title.lower().replace(' ', '-')}) | {' | '.join(map(str, counts))} |")
        sections.append(text)
    head = "| service | operations | work | partial | refused |\n| --- | --- | --- | --- | --- |"
    return "\n".join([INTRODUCTION, head, *rows, "", *sections])


def main():
    parser = argparse.ArgumentParser(description="Checks docs/reference/operations.md.")
    parser.add_argument("--write", action="store_true", help="write the page")
    arguments = parser.parse_args()
    text = page()
    if arguments.write:
        PAGE.write_text(text)
    elif not PAGE.exists() or PAGE.read_text() != text:
        sys.exit("docs/reference/operations.md is not current: run tools/check_operations.py --write")


if __name__ == "__main__":
    main()
