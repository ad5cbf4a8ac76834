#!/usr/bin/env bash
# What `mixwright plugins new` writes: a project of every kind is built against an installed
# Mixwright, passes its own tests and trains some steps; one of them by its own ci.sh. Then the
# installation is moved away and serves all the same.
#
#   templates.sh PREFIX WORK_FOLDER
set -euo pipefail
prefix=$1 work=$2
mixwright=$prefix/bin/mixwright
rm -rf "$work" && mkdir -p "$work/tree" && cd "$work"

{
  echo 'cmake_minimum_required(VERSION 3.25)'
  echo 'project(third_party LANGUAGES CXX)'
  echo 'enable_testing()'
} >tree/CMakeLists.txt
kinds=()
for folder in "$prefix"/share/mixwright/templates/*/; do
  kind=$(basename "$folder")
  if [[ $kind == common ]]; then continue; fi
  kinds+=("$kind")
  "$mixwright" plugins new "my_$kind" --kind "$kind" --out "tree/my_$kind" >/dev/null
  echo "add_subdirectory(my_$kind)" >>tree/CMakeLists.txt
done
((${#kinds[@]} >= 15)) || { echo "templates of fifteen kinds expected, ${#kinds[@]} found" >&2; exit 1; }
if grep -rE 'component_name|ComponentName|KIND_WORDS|MIXWRIGHT_DIR' tree; then
  echo "a placeholder of the templates was left standing" >&2
  exit 1
fi

build_against() {
  cmake -S "$2" -B "$3" -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 \
    -DMixwright_DIR="$1/lib/cmake/Mixwright" >"$3.log" || { cat "$3.log"; exit 1; }
  ninja -C "$3" --quiet
}
refused='precompiled header is not used'
build_against "$prefix" tree build
if grep "$refused" build.log; then exit 1; fi
ctest --test-dir build --output-on-failure --no-tests=error -j 2

for kind in "${kinds[@]}"; do
  "$mixwright" --plugin-path "build/my_$kind/libmy_$kind.so" train "tree/my_$kind/configs/my_$kind.toml" \
    --out "runs/$kind" --stop-after 3 --quiet
done
MIXWRIGHT_PREFIX=$prefix tree/my_token_mixer/ci.sh
"$mixwright" dev tree/my_token_mixer --once --steps 3

mv "$prefix" "$work/moved"
trap 'mv "$work/moved" "$prefix"' EXIT
moved=$work/moved
build_against "$moved" tree/my_activation moved_build
grep -q "$refused" moved_build.log || { echo "the moved precompiled header was used" >&2; exit 1; }
"$moved/bin/mixwright" plugins check moved_build/libmy_activation.so
