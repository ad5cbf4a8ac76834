#!/usr/bin/env bash
# Makes docs/zoo.md and docs/pictures/zoo out of the configs, counts and measured errors; with
# --measure it first runs the golden tests and keeps what they measure in tests/golden/errors.json,
# which takes the shared golden files.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

configure release
compile release plugins draw_zoo
if [[ ${1:-} == --measure ]]; then
  compile release golden_tests
  MIXWRIGHT_GOLDEN_ERRORS=$PWD/tests/golden/errors.json build/tests/bin/golden_tests --gtest_brief=1
fi
rm -rf docs/pictures/zoo
build/tests/bin/draw_zoo docs
