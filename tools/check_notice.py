#!/usr/bin/env python3
"""Checks that NOTICE lists every component that a release contains, with its license and that license's text.

The components are the static libraries of cmake/static_libraries.cmake, the packages that cmake/dependencies.cmake and
src/python find, and the shared objects that auditwheel copied into the wheels given as arguments. Where a component's
Debian package is installed, its copyright file must name the same license.

Usage: tools/check_notice.py [WHEEL...]
"""
import pathlib
import re
import sys
import zipfile

root = pathlib.Path(__file__).resolve().parent.parent
notice = (root / "NOTICE").read_text()
fields = ["Debian package", "License", "Copyright", "Part of", "Source"]
licenses = ["BSL-1.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "Zlib", "LGPL-2.1"]  # NOTICE has the text of each
without_text = ["Apache-2.0", "public domain", "GPL-3.0 with the GCC Runtime Library Exception 3.1"]
debian_names = {"expat": "mit", "public-domain": "public domain"}  # where Debian's name is not SPDX's

# CMake's name of a package -> the Debian package in NOTICE; None: not part of any released file.
cmake_packages = {
    "Boost": "libboost1.81-dev", "nlohmann_json": "nlohmann-json3-dev", "fmt": "libfmt-dev", "spdlog": "libspdlog-dev", "CLI11": "libcli11-dev",
    "tomlplusplus": "libtomlplusplus-dev",
    "nanobind": "nanobind", "GTest": None, "benchmark": None, "Threads": None, "Python": None, "Python3": None,
}
wrong = []

components = {}
for block in notice.split("=" * 78)[0].split("\n\n"):
    found = dict(re.findall(r"^  ([A-Z][A-Za-z ]+): (.*(?:\n    .*)*)", block, re.M))
    if not found:
        continue
    name = block.strip().splitlines()[0]
    components[name] = found
    missing = [field for field in fields if field not in found]
    if missing:
        wrong.append(f"{name}: missing lines: {missing}")
        continue
    if not found["License"].startswith(tuple(licenses + without_text)):
        wrong.append(f"{name}: license '{found['License']}' is unknown to tools/check_notice.py")
for license in licenses:
    if not re.search(rf"^={{78}}\n.*\({re.escape(license)}\)\n={{78}}\n\n(?:.+\n|\n){{5,}}", notice, re.M):
        wrong.append(f"the text of {license} is missing")
named = {package for found in components.values() for package in found.get("Debian package", "").split(", ")} | components.keys()

libraries = dict(re.findall(r"^osbot_static\((\S+) ([^\s)]+)", (root / "cmake/static_libraries.cmake").read_text(), re.M))
linked = dict.fromkeys(libraries.values(), "cmake/static_libraries.cmake")
for file in ["cmake/dependencies.cmake", "cmake/static_libraries.cmake", "src/python/CMakeLists.txt"]:
    for name in re.findall(r"(?:find_package\(|find_path\(OSBOT_INCLUDE_)(\w+)", (root / file).read_text()):
        if name not in cmake_packages:
            wrong.append(f"{file} finds {name}: add it to NOTICE, and to cmake_packages in tools/check_notice.py")
        elif cmake_packages[name]:
            linked[cmake_packages[name]] = file
for package, file in linked.items():
    if package not in named:
        wrong.append(f"{file} uses {package}, which NOTICE does not list")
for name, found in components.items():
    packages = found.get("Debian package", "none").split(", ")
    if not packages[0].startswith(("none", "libstdc++")) and linked.keys().isdisjoint(packages):
        wrong.append(f"{name}: {packages[0]} is no longer linked: remove the component from NOTICE")

# The licenses in Debian's copyright files of the installed versions.
compared = 0
for name, found in components.items():
    for package in found.get("Debian package", "").split(", "):
        file = pathlib.Path("/usr/share/doc") / package / "copyright"
        stated = re.search(r"^Files: \*\n(?:.+\n)*?License: *(.+)", file.read_text(), re.M) if file.exists() else None
        if not stated:
            continue
        compared += 1
        debian = re.split(r" or | and | with ", stated[1].lower())[0].strip()
        if not found["License"].lower().startswith(debian_names.get(debian, debian)):
            wrong.append(f"{name}: NOTICE states {found['License']}, {file} states {stated[1]}")

for wheel in map(pathlib.Path, sys.argv[1:]):
    names = zipfile.ZipFile(wheel).namelist()
    for license_file in ["LICENSE", "NOTICE"]:
        if not any(name.endswith(f".dist-info/licenses/{license_file}") for name in names):
            wrong.append(f"{wheel.name} has no {license_file}")
    for name in names:
        bundled = re.search(r"\.libs/lib([\w+]+?)(?:-[0-9a-f]{8})?\.so", name)
        if bundled and libraries.get(bundled[1]) not in named:
            wrong.append(f"{wheel.name} contains {name}, which NOTICE does not list")

print("\n".join(wrong) if wrong else f"NOTICE lists the {len(components)} components of a release; {compared} licenses match Debian's")
sys.exit(1 if wrong else 0)
