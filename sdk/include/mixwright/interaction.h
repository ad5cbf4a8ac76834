#pragma once

#include <mixwright/kinds.h>
#include <mixwright/options.h>
#include <mixwright/plugin.h>
