#!/usr/bin/env bash
# All tests: the format, every test of the release build, a plugin built by g++ in a host built by
# clang, the rooms that read untrusted files under AddressSanitizer and UBSan, the SDK's reference
# without warnings, and clang-tidy.
# --quick stops after the first two. Ends with "N passed, N failed".
source "$(dirname "${BASH_SOURCE[0]}")/scripts/common.sh"

passed=0
failed=0

# check WORDS COMMAND…: one check that passes or fails as a whole; the others run all the same.
check() {
  local words=$1 start=$SECONDS
  shift
  step "$words"
  if ("$@"); then
    passed=$((passed + 1))
    say "-- $words: passed in $((SECONDS - start)) s"
  else
    failed=$((failed + 1))
    say "-- $words: FAILED"
  fi
}

# run_tests PRESET CTEST-OPTION…: counts the tests by ctest's own closing line.
run_tests() {
  local preset=$1 log bad total status=0
  shift
  log=$(build_folder "$preset")/ctest.log
  step "tests, $preset"
  ctest --test-dir "$(build_folder "$preset")" --output-on-failure --no-tests=error \
    -j "$(nproc)" "$@" 2>&1 | tee "$log" || status=$?
  read -r bad total < <(sed -n \
    's/^[0-9]*% tests passed, \([0-9]*\) tests* failed out of \([0-9]*\)$/\1 \2/p' "$log") || true
  if [[ -z ${total:-} ]] || ((status != 0 && bad == 0)); then
    # ctest itself failed: no tests, or a program that could not even list its own.
    failed=$((failed + 1))
  fi
  passed=$((passed + ${total:-0} - ${bad:-0}))
  failed=$((failed + ${bad:-0}))
}

# One plugin and the SDK by g++, taken by the program that clang built.
plugin_of_gcc() {
  build gcc mixwright_sdk plugin_metaformer &&
    build/bin/mixwright plugins check build-gcc/lib/mixwright/plugins/libmetaformer.so
}

build() {
  configure "$1" && compile "$@"
}

closing_line() {
  local status=$?
  if ((status != 0 && failed == 0)); then failed=1; fi
  say ""
  say "$passed passed, $failed failed"
  if ((failed > 0)); then exit 1; fi
}
trap closing_line EXIT

case ${1:-} in
  --quick) quick=1 ;;
  "") quick=0 ;;
  *) fail "unknown argument $1; usage: ./test.sh [--quick]" ;;
esac

step "set-up"
if ((quick)); then scripts/setup.sh; else scripts/setup.sh --developer; fi
step "build, release"
build release all

check "clang-format" scripts/format.sh --check
run_tests release
if ((!quick)); then
  check "a plugin built by g++, loaded by the program built by clang" plugin_of_gcc
  check "build, asan" build asan sanitized_tests
  run_tests asan -L sanitize
  check "reference of the SDK" scripts/reference.sh
  check "clang-tidy" scripts/tidy.sh
fi
