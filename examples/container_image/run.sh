#!/bin/sh
# run.sh OSBOT PROGRAM FOLDER: builds an image of a program with handlers, imports it into the local engine, and runs the
# program, which deploys and calls the image. The guide quotes the commands; ctest runs them.
set -eu
osbot() { "$osbot_path" "$@"; }
osbot_path=$1 program=$2 work=$3
here=$(dirname "$0")
# Images need user namespaces. The last line of a skipped test is its reason.
refusal=$(osbot doctor | sed -nE 's/^warning +namespaces .*: ([^:]*)\);.*/this host refuses user namespaces: \1/p')
[ -z "$refusal" ] || { echo "$refusal"; exit 77; }
rm -rf "$work"
mkdir -p "$work"
cp "$program" "$work/hello"
cp "$here/make_image.py" "$work"

cd "$work"
# [start image]
mkdir -p root/var/task # Lambda's code folder in every image
cp hello root/var/task/
ldd hello | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "root$(dirname "$library")"
    cp -L "$library" "root$library"
done
python3 make_image.py root hello-image.tar hello-image:latest /var/task/hello hello
# [end image]
# [start commands]
osbot local image import hello-image.tar
osbot deploy hello_image --image hello-image:latest
osbot invoke hello_image '{"name": "Ada"}' --logs
osbot local image list
# [end commands]
./hello
osbot delete hello_image
# [start remove]
osbot local image remove hello-image:latest
# [end remove]
osbot local stop
