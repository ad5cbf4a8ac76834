#pragma once

#include "framework/fetch/transfer.h"

namespace mixwright::fetch {

/// Transfer::get by libcurl. TLS certificates are verified; of an https address no redirect leads
/// back to http; proxies come from the environment, as curl documents.
HttpResult http_get(const HttpRequest& request, HttpReceiver& receiver);

}  // namespace mixwright::fetch
