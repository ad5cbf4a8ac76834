#!/usr/bin/env bash
# Installs the build into a prefix of its own, which the tests beside this one build against.
#
#   install.sh BUILD_FOLDER PREFIX
set -euo pipefail
build=$1 prefix=$2
rm -rf "$prefix"
cmake --install "$build" --prefix "$prefix" >/dev/null

# Whoever installs needs neither the sources nor the LibTorch that the build was made with.
while read -r library; do
  if [[ $library != "$prefix"/* ]]; then
    echo "the installed program loads $library, which lies outside of $prefix" >&2
    exit 1
  fi
done < <(ldd "$prefix/bin/mixwright" "$prefix"/lib/mixwright/plugins/*.so |
  sed -n 's/.*=> \(.*lib\(torch\|c10\|gomp\|mixwright\)[^ ]*\) .*/\1/p' | xargs -r realpath -s | sort -u)
