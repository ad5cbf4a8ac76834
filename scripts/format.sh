#!/usr/bin/env bash
# Formats our C++ files; with --check it only says what differs, and fails if anything does.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

options=(-i)
if [[ ${1:-} == --check ]]; then options=(--dry-run -Werror); fi
our_files | xargs -r -P "$(nproc)" -n 20 clang-format-19 "${options[@]}"
