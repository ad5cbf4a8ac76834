#!/usr/bin/env bash
# From a git checkout to a trained network: sets up, builds, trains a ParaMixer on Fashion-MNIST,
# evaluates it and says where everything lies. Called again, it starts training at once.
source "$(dirname "${BASH_SOURCE[0]}")/scripts/common.sh"

readonly config=configs/quickstart.toml

scripts/setup.sh
configure release
compile release mixwright plugins

# A finished run is never written over: the next one gets a number. One that was interrupted goes on.
is_finished() { grep -q '^finished = true' "$1/last/state.toml" 2>/dev/null; }
run=runs/quickstart
number=1
while [[ -e $run ]] && { is_finished "$run" || [[ ! -e $run/config.toml ]]; }; do
  number=$((number + 1))
  run=runs/quickstart-$number
done

if [[ -e $run ]]; then
  step "going on with the interrupted training in $run (remove the folder to start anew)"
  build/bin/mixwright train "$run" --resume
else
  step "training $config into $run"
  build/bin/mixwright train "$config" --out "$run"
fi
step "evaluating $run"
build/bin/mixwright evaluate "$run"

step "where everything lies"
cat <<END
  curves        $run/plots/*.svg and *.png
  numbers       $run/metrics.jsonl
  checkpoints   $run/best and $run/last
  the config    $run/config.toml, with everything it extends and every default

What to try next:
  another token mixer, on one line:
    build/bin/mixwright train $config --set model.stage[0].token_mixer=pooling --out runs/pooling
    build/bin/mixwright plot $run runs/pooling --out runs/compared
  what there is to choose from:
    build/bin/mixwright plugins list
  a token mixer of your own: copy a folder under plugins/, give its plugin and its components new
  names, edit forward(), and build; the core is not recompiled:
    cp -r plugins/metaformer plugins/mine && ninja -C build plugins
END
