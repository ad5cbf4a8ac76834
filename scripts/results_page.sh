#!/usr/bin/env bash
# Makes the sections of docs/reproduction.md and docs/pictures/studies out of docs/results: what the
# rows of configs/studies came to.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

configure release
compile release draw_results
build/tests/bin/draw_results docs
