// stub
#include "sim/report/compare.h"
namespace racelab {
std::string compare_text(const CompareReport&, const TextStyle&) { return ""; }
}  // namespace racelab
