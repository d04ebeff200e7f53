// libqrencode does all of it.
#include "sim/host/qr_code.h"

#include <qrencode.h>

#include <memory>

namespace racelab::host {

std::vector<std::string> qr_code(const std::string& text) {
  const std::unique_ptr<QRcode, void (*)(QRcode*)> code(
      QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M), QRcode_free);
  std::vector<std::string> rows;
  if (code == nullptr) {
    return rows;
  }
  const auto width = static_cast<std::size_t>(code->width);
  for (std::size_t y = 0; y < width; ++y) {
    std::string& row = rows.emplace_back();
    for (std::size_t x = 0; x < width; ++x) {
      row += (code->data[(y * width) + x] & 1U) != 0 ? '1' : '0';
    }
  }
  return rows;
}

}  // namespace racelab::host
