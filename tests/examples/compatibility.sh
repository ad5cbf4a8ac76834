#!/usr/bin/env bash
# The SDK's promise: a plugin that was written for this ABI still builds and passes. See
# tests/compatibility/README.md.
#
#   compatibility.sh SOURCE_FOLDER PREFIX WORK_FOLDER
set -euo pipefail
source=$1 prefix=$2 work=$3
rm -rf "$work" && mkdir -p "$work/tree"

abi=$(sed -n 's/^#define MIXWRIGHT_SDK_ABI \([0-9]*\)$/\1/p' "$prefix/include/mixwright/stamp.h")
frozen=$source/tests/compatibility/abi_$abi
[[ -d $frozen ]] || {
  echo "the SDK's ABI is $abi and $frozen does not exist; keep the plugins of today there, as" \
    "tests/compatibility/README.md says" >&2
  exit 1
}
{
  echo 'cmake_minimum_required(VERSION 3.25)'
  echo 'project(written_before LANGUAGES CXX)'
  echo 'find_package(Mixwright REQUIRED)'
} >"$work/tree/CMakeLists.txt"
names=()
for folder in "$frozen"/*/; do
  name=$(basename "$folder")
  names+=("$name")
  cp -r "$folder" "$work/tree/$name"
  echo "mixwright_add_plugin($name)" >"$work/tree/$name/CMakeLists.txt"
  echo "add_subdirectory($name)" >>"$work/tree/CMakeLists.txt"
done
((${#names[@]} >= 15)) || { echo "fifteen kinds expected in $frozen, ${#names[@]} found" >&2; exit 1; }
cmake -S "$work/tree" -B "$work/build" -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 \
  -DMixwright_DIR="$prefix/lib/cmake/Mixwright" >"$work/cmake.log" || { cat "$work/cmake.log"; exit 1; }
ninja -C "$work/build" --quiet
for name in "${names[@]}"; do
  "$prefix/bin/mixwright" plugins check "$work/build/$name/lib$name.so" >"$work/$name.log" || {
    cat "$work/$name.log"
    exit 1
  }
done
