#!/bin/sh
# run.sh OSBOT PAGE.sh EXPECTED [VARIABLE=VALUE...]: runs what a page of the guide says, on a local engine and in a folder of its
# own, with the aws CLI beside it; what it prints must match EXPECTED. ctest calls it for each page; 77 means that the aws CLI is not there.
set -eu
osbot=$1 page=$2 expected=$3
shift 3
for setting; do export "${setting?}"; done
command -v aws >/dev/null || exit 77

work=$(mktemp -d)
PATH=$(dirname "$osbot"):$PATH
export PATH HOME="$work" OSBOT_AWS_STATE="$work/state" OSBOT_AWS_TARGET=local
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 AWS_PAGER='' AWS_DEFAULT_OUTPUT=text
finish() {
    osbot local stop >"$work/stop.log" 2>&1 || true
    rm -rf "$work"
}
trap finish EXIT
cd "$work"
osbot local start --port 0 --json >start.json
AWS_ENDPOINT_URL=$(sed -E 's/.*"endpoint_url":"([^"]*)".*/\1/' start.json)
export AWS_ENDPOINT_URL
sh -eux "$page" >output 2>&1 || { cat output; exit 1; }
cat output
tr '\n' ' ' <output | grep -Eq -- "$expected" || { echo "the output lacks, in this order: $expected"; exit 1; }
