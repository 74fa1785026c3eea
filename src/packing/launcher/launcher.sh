#!/bin/sh
# `bootstrap` of a program for another processor than the one that packed it. Does the same as launcher.c.
root=${LAMBDA_TASK_ROOT:-$(dirname "$0")}
libraries=$root/lib/packed
export OSBOT_AWS_PROGRAM="$root/bin/program"
for loader in "$libraries"/ld-linux-*; do
    if [ -e "$loader" ]; then
        exec "$loader" --argv0 "$OSBOT_AWS_PROGRAM" --library-path "$libraries" "$OSBOT_AWS_PROGRAM" "$@"
    fi
done
export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$OSBOT_AWS_PROGRAM" "$@"
