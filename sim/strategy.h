// All that a strategy or a protection includes. See strategies/read-modify-write.cc for the shortest example.
#pragma once

#include "sim/scenario/registry.h"
