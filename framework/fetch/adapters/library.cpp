// What libmixwright_transfer.so exports: one symbol.

#include "framework/fetch/adapters/archive.h"
#include "framework/fetch/adapters/http.h"
#include "framework/fetch/transfer.h"

namespace mixwright::fetch {

namespace {

class Adapters final : public Transfer {
 public:
  HttpResult get(const HttpRequest& request, HttpReceiver& receiver) override {
    return http_get(request, receiver);
  }
  std::string read_archive(const std::filesystem::path& file, ArchiveReceiver& receiver) override {
    return fetch::read_archive(file, receiver);
  }
};

}  // namespace

}  // namespace mixwright::fetch

extern "C" __attribute__((visibility("default"))) mixwright::fetch::Transfer* mixwright_transfer() {
  static mixwright::fetch::Adapters adapters;
  return &adapters;
}
