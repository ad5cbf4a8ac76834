#!/usr/bin/env bash
# A third party's way: plugins are built against nothing but an installed Mixwright: examples/shift,
# which docs/writing_a_plugin.md prints, and the README's mixer.
#
#   outside.sh SOURCE_FOLDER PREFIX WORK_FOLDER
set -euo pipefail
source=$1 prefix=$2 work=$3
rm -rf "$work" && mkdir -p "$work/tree/readme"

cp -r "$source/examples/shift" "$work/tree/shift"
cp "$source/examples/shift/CMakeLists.txt" "$work/tree/readme"
# The README's only C++.
awk '/^```cpp$/ {inside = 1; next} /^```$/ {inside = 0} inside' "$source/README.md" \
  >"$work/tree/readme/mean.cpp"
sed -i 's/MIXWRIGHT_PLUGIN("mine"/MIXWRIGHT_PLUGIN("readme"/' "$work/tree/readme/mean.cpp"
cat >"$work/tree/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(third_party LANGUAGES CXX)
add_subdirectory(shift)
add_subdirectory(readme)
END
cmake -S "$work/tree" -B "$work/build" -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 \
  -DMixwright_DIR="$prefix/lib/cmake/Mixwright" >"$work/cmake.log" || { cat "$work/cmake.log"; exit 1; }
ninja -C "$work/build"

"$prefix/bin/mixwright" plugins check "$work/build/shift/libshift.so"
"$prefix/bin/mixwright" plugins check "$work/build/readme/libreadme.so"

# The installed program finds its own plugins, and the stranger's where it is told.
cat >"$work/model.toml" <<END
[model]
input = { shape = [8, 8, 3], classes = 4 }
head = "classifier"
[[model.stage]]
embedding = { type = "patch", size = 2 }
dim = 8
depth = 2
block = "serial"
norm = "layer_norm"
token_mixer = ["shift", "mean"]
END
cd "$work"
"$prefix/bin/mixwright" --plugin-path "$work/build/shift/libshift.so" \
  --plugin-path "$work/build/readme/libreadme.so" model summary model.toml
