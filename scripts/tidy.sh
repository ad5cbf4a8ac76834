#!/usr/bin/env bash
# clang-tidy over our own C++ code, in the words of .clang-tidy. A file that passed is asked again
# only after it, a header that it includes, or .clang-tidy has changed; --all asks every file.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly build=${MIXWRIGHT_TIDY_BUILD:-build}
readonly stamps=$build/tidy
readonly plugin=$build/tidy/own_code_only.so
readonly source=scripts/tidy/own_code_only.cpp

build_plugin() {
  local includes=() folder
  for folder in /usr .deps/llvm/usr; do
    if [[ -e $folder/lib/llvm-19/include/clang-tidy/ClangTidyCheck.h &&
      -e $folder/include/llvm-19/llvm/ADT/StringRef.h ]]; then
      includes=(-isystem "$folder/lib/llvm-19/include" -isystem "$folder/include/llvm-19"
        -isystem "$folder/include/llvm-c-19")
    fi
  done
  ((${#includes[@]})) || fail "clang-tidy's headers are missing; run scripts/setup.sh --developer"
  clang++-19 -std=c++17 -fno-rtti -fPIC -shared -O1 -w "${includes[@]}" "$source" -o "$plugin"
}

# Prints file and stamp of what has to be asked, one pair a line. An object file is as new as the
# newest thing that went into it.
outdated() {
  python3 - "$build" "$stamps" "$@" <<'END'
import json, os, re, sys
build, stamps, everything, root = *sys.argv[1:3], "--all" in sys.argv, os.getcwd() + "/"
ours = tuple(root + folder for folder in ("sdk/", "framework/", "plugins/", "tests/"))
newest = max(os.path.getmtime(f) for f in (".clang-tidy", "scripts/tidy/own_code_only.cpp"))
seen = set()
for entry in json.load(open(build + "/compile_commands.json")):
    file = entry["file"]
    # Tests are compiled several at a time, as one file that includes them.
    if not (file.startswith(ours) or "/Unity/" in file) or file in seen:
        continue
    seen.add(file)
    stamp = os.path.join(stamps, file[len(root):].replace("/", "__") + ".ok")
    output = re.search(r" -o (\S+) -c ", entry["command"]).group(1)
    built = os.path.join(entry["directory"], output)
    if (everything or not os.path.exists(stamp) or not os.path.exists(built)
            or os.path.getmtime(stamp) < max(newest, os.path.getmtime(built))):
        print(file[len(root):], stamp)
END
}

# Says nothing about a file that is fine.
ask() {
  local output
  if output=$(clang-tidy-19 --quiet -load "$plugin" --checks=mixwright-own-code-only -p "$build" \
    "$1" 2>&1); then
    touch "$2"
  else
    grep -vE '^[0-9]+ warnings? (generated|treated as errors?)' <<<"$output"
    return 1
  fi
}

mkdir -p "$stamps"
if [[ ! -e $plugin || $source -nt $plugin ]]; then build_plugin; fi
list=$(outdated "$@")
if [[ -z $list ]]; then exit 0; fi
say "asking clang-tidy about $(wc -l <<<"$list") files"
export -f ask
export plugin build
xargs -P "$(nproc)" -n 2 bash -c 'ask "$@"' ask <<<"$list"
