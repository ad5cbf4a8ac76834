#pragma once

#include <mixwright/dataset.h>
