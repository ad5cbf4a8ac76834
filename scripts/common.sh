# Sourced by the scripts of this folder. Leaves the shell in the project's root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Compile jobs: one per core, but no more than memory carries (a file with LibTorch takes 1.2 GB).
job_count() {
  local cores kilobytes by_memory
  cores=$(nproc)
  kilobytes=$(awk '/MemAvailable/ {print $2}' /proc/meminfo)
  by_memory=$((kilobytes / 1200000))
  if ((by_memory < 1)); then by_memory=1; fi
  echo $((cores < by_memory ? cores : by_memory))
}

# configure PRESET: writes the build folder unless it is there; ninja looks after changes itself.
configure() {
  local folder
  folder=$(build_folder "$1")
  # A tree that was copied or moved carries a cache that names its old place.
  if [[ -e $folder/CMakeCache.txt ]] &&
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$folder/CMakeCache.txt"; then
    rm -rf "$folder"
  fi
  if [[ ! -e $folder/build.ninja ]]; then
    cmake --preset "$1" ${TORCH_ROOT:+-DTORCH_ROOT="$TORCH_ROOT"} ||
      fail "cmake --preset $1 failed; its messages stand above"
  fi
}

# compile PRESET TARGET…
compile() {
  local folder
  folder=$(build_folder "$1")
  shift
  ninja -C "$folder" -j "$(job_count)" --quiet "$@" || fail "the build in $folder failed"
}

build_folder() {
  if [[ $1 == release ]]; then echo build; else echo "build-$1"; fi
}

# Our own C++ files, also those that git does not know yet.
our_files() {
  local folders=(sdk framework plugins tests examples benchmarks) existing=()
  for folder in "${folders[@]}"; do
    if [[ -d $folder ]]; then existing+=("$folder"); fi
  done
  find "${existing[@]}" \( -name 'build*' -o -name '.*' \) -prune -o \
    -type f \( -name '*.cpp' -o -name '*.h' \) -print | sort
}
