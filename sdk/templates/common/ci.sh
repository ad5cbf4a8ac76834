#!/usr/bin/env bash
# All that must hold before a push: builds, tests, and trains a few steps. Give Mixwright's prefix as
# MIXWRIGHT_PREFIX, or have its program on the PATH.
set -euo pipefail
cd "$(dirname "$0")"
prefix=${MIXWRIGHT_PREFIX:-$(dirname "$(dirname "$(command -v mixwright)")")}

cmake -S . -B build -G Ninja -DMixwright_DIR="$prefix/lib/cmake/Mixwright"
ninja -C build
ctest --test-dir build --output-on-failure --no-tests=error
rm -rf build/ci-run
"$prefix/bin/mixwright" --plugin-path build/libcomponent_name.so train configs/component_name.toml \
  --out build/ci-run --stop-after 20 --quiet
