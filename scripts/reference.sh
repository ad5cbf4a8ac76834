#!/usr/bin/env bash
# Makes pages of the SDK's headers, build/reference/html/index.html. Fails at any warning, and where
# docs/sdk.md names a header that is not there.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

command -v doxygen >/dev/null || fail "doxygen is missing; run scripts/setup.sh --developer"
mkdir -p build/reference
doxygen docs/Doxyfile
grep -o '`[a-z_]*\.h`' docs/sdk.md | tr -d '`' | sort -u | while read -r header; do
  [[ -e sdk/include/mixwright/$header ]] || fail "docs/sdk.md names $header, which is not in the SDK"
done
