# The one door: `make demo`, `make test`; the rest is listed by `make help`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
JOBS ?= $(shell nproc)
VENV := build/venv
PYTHON ?= python3

.PHONY: help deps venv build demo test test-peer wheel asan asan-python tsan bench tidy format clean install uninstall deb test-deb release test-release docs

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

deps: ## installs the Debian packages that are missing (root or sudo)
	@tools/install_dependencies

venv: deps ## the test clients (boto3, aws CLI, AWS's SDK for JavaScript ...) from pinned files, in build/venv and build/node
	@tools/make_venv $(VENV) tests/requirements.txt
	@tools/make_node_modules build/node tests/functional/javascript

build: deps ## the release, in build/release; the command is build/release/bin/osbot
	@cmake --preset release >build-configure.log 2>&1 || { cat build-configure.log; rm -f build-configure.log; exit 1; }; rm -f build-configure.log
	@cmake --build --preset release -j $(JOBS)

demo: build ## builds the release and shows a C++ and a Python function running, on a daemon of its own
	@tools/demo build/release

test: venv ## builds `dev` and runs every test
	@cmake --preset dev -DOSBOT_VENV=$(CURDIR)/$(VENV) -DOSBOT_PYTHON=ON -DPython_EXECUTABLE=$(CURDIR)/$(VENV)/bin/python >/dev/null
	@cmake --build --preset dev -j $(JOBS)
	@ctest --preset dev -j $(JOBS)
	@$(VENV)/bin/python -m pytest -q tests/functional --osbot build/dev/bin/osbot
	@PYTHONPATH=build/dev/python $(VENV)/bin/python -m pytest -q python/tests

test-peer: deps ## the C++ face, the command and the contract texts against another local AWS (moto)
	@tools/make_venv build/venv-peer tests/peer/requirements.txt
	@cmake --preset dev >/dev/null
	@cmake --build --preset dev -j $(JOBS) --target peer_test contract_test lambda_by_hand osbot
	@tools/test_peer build/dev build/venv-peer

wheel: deps ## the sdist and manylinux wheels of it in build/wheels, checked without a compiler (PYTHONS, default the python3 of PATH)
	@tools/make_wheels build/wheels $(or $(PYTHONS),$(PYTHON))

asan: venv ## every ctest test under AddressSanitizer and UndefinedBehaviorSanitizer
	@cmake --preset asan -DOSBOT_VENV=$(CURDIR)/$(VENV) -DOSBOT_PYTHON=OFF >/dev/null
	@cmake --build --preset asan -j $(JOBS)
	@cd build/asan && ctest --output-on-failure -j $(JOBS) -LE tidy

asan-python: venv ## the tests of the Python package under both, its native module and the engine within it
	@cmake --preset asan -DOSBOT_VENV=$(CURDIR)/$(VENV) -DOSBOT_PYTHON=ON -DPython_EXECUTABLE=$(CURDIR)/$(VENV)/bin/python >/dev/null
	@cmake --build --preset asan -j $(JOBS) --target osbot osbot_python osbot_python_package
	@tools/test_python_sanitized build/asan $(VENV)

tsan: venv ## every ctest test under ThreadSanitizer
	@cmake --preset tsan -DOSBOT_VENV=$(CURDIR)/$(VENV) >/dev/null
	@cmake --build --preset tsan -j $(JOBS)
	@cd build/tsan && ctest --output-on-failure -j $(JOBS) -LE tidy

bench: venv ## the benchmarks behind SPECIFICATION.md's numbers, each with its control in the same run
	@cmake --preset bench -DOSBOT_PYTHON=ON -DPython_EXECUTABLE=$(CURDIR)/$(VENV)/bin/python >/dev/null
	@cmake --build --preset bench -j $(JOBS)
	@benchmarks/run build/bench $(VENV)

tidy: venv ## clang-format and clang-tidy over the tree; both must stay silent
	@tools/check_format
	@cmake --preset tidy -DOSBOT_PYTHON=ON -DPython_EXECUTABLE=$(CURDIR)/$(VENV)/bin/python >/dev/null
	@tools/run_clang_tidy build/tidy $(JOBS)

format: deps ## formats the tree
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format-14 -i

install: build ## installs the release (PREFIX, default /usr/local)
	@cmake --install build/release --prefix $(or $(PREFIX),/usr/local) --strip

uninstall: ## removes what `make install` installed
	@cmake -DMANIFEST=$(CURDIR)/build/release/install_manifest.txt -P cmake/uninstall.cmake

deb: build ## Debian packages in build/packages: osbot-aws (the command) and libosbot-aws-dev (the library)
	@tools/install_dependencies tools/packages_deb.txt
	@tools/make_deb build/release build/packages

test-deb: deb ## installs them into a clean Debian of its own, uses them there, and removes them again (root)
	@tools/test_deb build/packages build/debian

release: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct)
release: deb ## files of a release in build/dist: tarball, .deb packages, wheels, Dockerfile, checksums (on Debian 12)
	@tools/make_wheels build/wheels $(or $(PYTHONS),$$(tools/find_pythons))
	@tools/make_release build/release build/packages build/wheels build/dist

build/dist/SHA256SUMS:
	@$(MAKE) --no-print-directory release

test-release: build/dist/SHA256SUMS ## tries the files of build/dist in clean Debian 12 and 13 without a compiler (root)
	@tools/install_dependencies tools/packages_deb.txt
	@tools/test_release build/dist build/clean

docs: deps ## the site: pages and the reference of the headers, in build/docs/site
	@tools/install_dependencies tools/packages_docs.txt
	@tools/make_venv build/venv-docs tools/docs_requirements.txt
	@tools/make_docs build/docs

clean: ## removes build/
	@rm -rf build
