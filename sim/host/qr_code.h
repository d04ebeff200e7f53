// An address that a phone's camera reads.
#pragma once

#include <string>
#include <vector>

namespace racelab::host {

/// The modules of the QR code of a text, row by row, '1' for a dark one, without the quiet zone around it; error correction M.
/// Empty when the text does not fit.
std::vector<std::string> qr_code(const std::string& text);

}  // namespace racelab::host
