// All that a workload includes. See scenarios/workloads/increment.cc for the shortest example.
#pragma once

#include "sim/scenario/registry.h"
