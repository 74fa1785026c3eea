# Read by ctest before it runs the tests: no function of theirs installs packages from the network.
# tests/functional/test_runtime_support.py tests the installation.
set(ENV{OSBOT_AWS_RUNTIME_SUPPORT} off)
