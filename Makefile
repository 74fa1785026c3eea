# Start with `make demo` and `make test`; `make help` lists all targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
JOBS ?= $(shell nproc)
VENV := build/venv
PYTHON ?= python3

.PHONY: help fuzz deps deps-test venv build demo test trust test-peer test-clients wheel asan asan-python tsan bench bench-peer tidy format clean install uninstall deb test-deb test-fresh release test-release bookworm trixie root plain user docs models

help: ## lists the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

deps: ## installs missing packages for the build (root or sudo)
	@tools/check_machine
	@tools/install_dependencies
	@tools/check_machine compiler

deps-test: deps ## installs missing packages for the tests
	@tools/install_dependencies tools/packages_test.txt

venv: deps-test ## installs the pinned test clients (boto3, aws CLI, AWS's SDK for JavaScript ...) and the packages of AWS's runtimes, in build/venv, build/venv_query, build/node, build/node_runtime and build/runtime_wheels
	@tools/make_venv $(VENV) tests/requirements.txt
	@tools/make_node_modules build/node tests/functional/javascript
	@tools/make_node_modules build/node_runtime tests/functional/node_runtime
	@tools/make_runtime_wheels build/runtime_wheels $(VENV)/bin/pip
	@tools/make_venv build/venv_query tests/functional/query_protocol/requirements.txt

# demo, test, bench, install and the packages share one build folder, so that each compiles only missing objects.
configure = cmake --preset release $(if $(WERROR),-DOSBOT_WERROR=$(WERROR)) $(1) >build-configure.log 2>&1 \
	|| { cat build-configure.log; rm -f build-configure.log; exit 1; }; rm -f build-configure.log
with_venv = -DOSBOT_VENV=$(CURDIR)/$(VENV) -DOSBOT_PYTHON=ON -DPython_EXECUTABLE=$(CURDIR)/$(VENV)/bin/python

build: deps ## builds the command, the library, manual pages and examples in build/release
	@$(call configure)
	@cmake --build --preset release -j $(JOBS) --target osbot_release examples

demo: deps ## builds the command and runs a C++ and a Python function, on a separate daemon
	@$(call configure)
	@cmake --build --preset release -j $(JOBS) --target osbot order_processor osbot_aws_gtest_main
	@tools/demo build/release

test: venv ## builds and runs every test, in build/release
	@$(call configure,$(with_venv))
	@cmake --build --preset release -j $(JOBS)
	@tools/run_tests build/release $(VENV) $(JOBS)

trust: venv ## runs the trust campaigns in full (hours), and continues them after an interruption: make trust [CAMPAIGNS=kills]
	@$(call configure,$(with_venv))
	@cmake --build --preset release -j $(JOBS) --target osbot_release
	@$(VENV)/bin/python tests/trust/run --osbot build/release/bin/osbot $(CAMPAIGNS)

test-peer: deps-test ## tests the C++ SDK, the command and the contract texts against another local AWS (moto)
	@tools/make_venv build/venv-peer tests/peer/requirements.txt
	@$(call configure)
	@cmake --build --preset release -j $(JOBS) --target peer_test contract_test lambda_by_hand osbot
	@tools/test_peer build/release build/venv-peer

test-clients: venv ## tests clients and functions of other projects: chalice, SAM, powertools, FastAPI with mangum, Go, Rust, the Lambda Web Adapter
	@$(call configure,$(with_venv))
	@cmake --build --preset release -j $(JOBS) --target osbot
	@$(VENV)/bin/python -m pytest -q -rs tests/real_clients --osbot build/release/bin/osbot

wheel: deps-test ## builds the sdist and manylinux wheels in build/wheels, and checks them without a compiler (PYTHONS, default python3)
	@tools/make_wheels build/wheels $(or $(PYTHONS),$(PYTHON))

asan: venv ## runs every ctest test with AddressSanitizer and UndefinedBehaviorSanitizer
	@cmake --preset asan -DOSBOT_VENV=$(CURDIR)/$(VENV) -DOSBOT_PYTHON=OFF >/dev/null
	@cmake --build --preset asan -j $(JOBS)
	@cd build/asan && ctest --output-on-failure -j $(JOBS) -LE tidy

asan-python: venv ## runs the tests of the Python package with both sanitizers in the native module and its engine
	@cmake --preset asan -DOSBOT_VENV=$(CURDIR)/$(VENV) -DOSBOT_PYTHON=ON -DPython_EXECUTABLE=$(CURDIR)/$(VENV)/bin/python >/dev/null
	@cmake --build --preset asan -j $(JOBS) --target osbot osbot_python osbot_python_package
	@tools/test_python_sanitized build/asan $(VENV)

tsan: venv ## runs every ctest test with ThreadSanitizer
	@cmake --preset tsan -DOSBOT_VENV=$(CURDIR)/$(VENV) >/dev/null
	@cmake --build --preset tsan -j $(JOBS)
	@cd build/tsan && ctest --output-on-failure -j $(JOBS) -LE tidy

fuzz: deps ## runs each fuzz target for 10 minutes under both sanitizers, with clang; continues where it stopped (MINUTES, TARGETS)
	@tools/install_dependencies tools/packages_fuzz.txt
	@tools/fuzz --minutes $(or $(MINUTES),10) --jobs $(JOBS) $(TARGETS)

bench: venv ## runs the benchmarks of SPECIFICATION.md, each with its control in the same run
	@$(call configure,$(with_venv))
	@cmake --build --preset release -j $(JOBS)
	@benchmarks/run build/release $(VENV)

bench-peer: venv ## measures the first success of three users beside boto3, moto, the aws CLI and, if Rust is installed, cargo-lambda
	@tools/make_venv build/venv-peer tests/peer/requirements.txt
	@$(call configure,$(with_venv))
	@cmake --build --preset release -j $(JOBS) --target osbot_release osbot_python osbot_python_package
	@$(VENV)/bin/python benchmarks/personas/persona_numbers.py --build build/release --peers build/venv-peer

tidy: venv ## checks the tree with clang-format and clang-tidy; prints nothing without findings
	@tools/install_dependencies tools/packages_tidy.txt
	@tools/check_format
	@cmake --preset tidy -DOSBOT_PYTHON=ON -DPython_EXECUTABLE=$(CURDIR)/$(VENV)/bin/python >/dev/null
	@tools/run_clang_tidy build/tidy $(JOBS)

format: ## formats the C++ files
	@tools/install_dependencies tools/packages_tidy.txt
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format-14 -i

install: build ## builds a release and installs it (PREFIX, default /usr/local)
	@cmake --install build/release --prefix $(or $(PREFIX),/usr/local) --strip

uninstall: ## removes the files that `make install` installed
	@cmake -DMANIFEST=$(CURDIR)/build/release/install_manifest.txt -P cmake/uninstall.cmake

deb: build ## builds Debian packages in build/packages: osbot-aws (the command) and libosbot-aws-dev (the library)
	@tools/install_dependencies tools/packages_deb.txt
	@tools/make_deb build/release build/packages

test-deb: deb ## installs, uses and removes the Debian packages in a clean Debian (root)
	@tools/test_deb build/packages build/debian

SYSTEM ?= $(or $(filter bookworm trixie,$(MAKECMDGOALS)),bookworm)
PLACE ?= $(or $(filter root plain user,$(MAKECMDGOALS)),root)
test-fresh: ## runs demo and test on a fresh Debian: make test-fresh [bookworm|trixie] [root|plain|user] (root)
	@tools/install_dependencies tools/packages_fresh.txt
	@WERROR=$(or $(WERROR),ON) tools/test_fresh $(SYSTEM) $(PLACE)

bookworm trixie root plain user: # arguments of test-fresh
	@:

release: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct)
release: deps-test deb ## builds the files of a release in build/dist: tarball, .deb packages, wheels, Dockerfile, checksums (on Debian 12)
	@tools/make_wheels build/wheels $(or $(PYTHONS),$$(tools/find_pythons))
	@tools/make_release build/release build/packages build/wheels build/dist

build/dist/SHA256SUMS:
	@$(MAKE) --no-print-directory release

test-release: build/dist/SHA256SUMS ## tests the files of build/dist in clean Debian 12 and 13 without a compiler (root)
	@tools/install_dependencies tools/packages_deb.txt
	@tools/test_release build/dist build/clean

models: ## generates src/aws/models from AWS's service models, for developers (tools/models_requirements.txt)
	@tools/make_venv build/venv-models tools/models_requirements.txt
	@build/venv-models/bin/python tools/make_models

docs: deps-test ## builds the site in build/docs/site: pages and the reference of the headers
	@tools/install_dependencies tools/packages_docs.txt
	@tools/make_venv build/venv-docs tools/docs_requirements.txt
	@tools/make_docs build/docs

clean: ## removes build/
	@rm -rf build
