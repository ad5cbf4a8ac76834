#!/usr/bin/env bash
# Follows docs/writing_a_plugin.md to the letter: the commands under "A project of your own", with P
# the prefix, from an empty folder to a trained mixer. Says how long each took.
#
#   document.sh SOURCE_FOLDER PREFIX WORK_FOLDER
set -euo pipefail
source=$1 prefix=$2 work=$3
rm -rf "$work" && mkdir -p "$work" && cd "$work"

mapfile -t commands < <(awk '/^## A project of your own/ {found = 1}
  found && /^```$/ {inside = !inside; if (!inside) exit; next}
  inside' "$source/docs/writing_a_plugin.md")
((${#commands[@]} >= 5)) || { echo "the document's commands were not found" >&2; exit 1; }
for command in "${commands[@]}"; do
  command=${command//P\/bin/$prefix/bin}
  command=${command//=P\//=$prefix/}
  begin=$(date +%s.%N)
  eval "$command" >output.log 2>&1 || { cat output.log; echo "failed: $command" >&2; exit 1; }
  printf '%6.1f s  %s\n' "$(echo "$(date +%s.%N) $begin" | awk '{print $1 - $2}')" "$command"
done
grep -q '^finished = true' runs/first/last/state.toml
