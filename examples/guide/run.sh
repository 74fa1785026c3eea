#!/bin/sh
# run.sh OSBOT PAGE.sh EXPECTED [VARIABLE=VALUE...]: runs the commands of a guide page on a separate local engine, in a temporary
# folder, with the aws CLI. The output must match EXPECTED. ctest runs it for each page. Exit status 77: the aws CLI is not installed.
set -eu
osbot=$1 page=$2 expected=$3
shift 3
for setting; do export "${setting?}"; done
command -v aws >/dev/null || { echo "the aws CLI is not installed"; exit 77; }

work=$(mktemp -d)
PATH=$(dirname "$osbot"):$PATH
export PATH HOME="$work" OSBOT_AWS_STATE="$work/state"
unset AWS_ENDPOINT_URL AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_DEFAULT_OUTPUT AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE OSBOT_AWS_TARGET
finish() {
    osbot local stop >"$work/stop.log" 2>&1 || true
    rm -rf "$work"
}
trap finish EXIT
cd "$work"
# The same environment as a reader's: the printed export line, an unconfigured aws CLI, and nothing else.
osbot local start --port 0 >started
eval "$(grep '^ *export ' started)"
sh -eux "$page" >output 2>&1 || { status=$?; cat output; exit $status; }
cat output
tr '\n' ' ' <output | grep -Eq -- "$expected" || { echo "the output lacks, in this order: $expected"; exit 1; }
