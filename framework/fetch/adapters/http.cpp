#include "framework/fetch/adapters/http.h"

#include <curl/curl.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <memory>

namespace mixwright::fetch {

namespace {

constexpr long kMostRedirects = 5;
constexpr long kOk = 200;
constexpr long kPartialContent = 206;
constexpr size_t kRefused = 0;  // fewer bytes than came end a transfer

struct Closer {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// One transfer, as libcurl's callbacks see it. No exception may pass through libcurl.
struct Exchange {
  CURL* curl;
  HttpReceiver* receiver;
  bool begun = false;
  bool stopped = false;
  std::exception_ptr thrown = nullptr;
};

std::string header(CURL* curl, const char* name) {
  curl_header* found = nullptr;
  // The last value of the last reply of all that redirects brought.
  if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) return "";
  return found->value;
}

long status_of(CURL* curl) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

bool brings_the_file(long status) {
  return status == kOk || status == kPartialContent;
}

void begin(Exchange& exchange) {
  exchange.begun = true;
  HttpReply reply;
  reply.status = status_of(exchange.curl);
  reply.etag = header(exchange.curl, "ETag");
  reply.last_modified = header(exchange.curl, "Last-Modified");
  reply.content_range = header(exchange.curl, "Content-Range");
  curl_off_t length = -1;
  curl_easy_getinfo(exchange.curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (length >= 0) reply.content_length = static_cast<uint64_t>(length);
  exchange.receiver->begin(reply);
}

size_t on_data(char* data, size_t one, size_t count, void* user) {
  Exchange& exchange = *static_cast<Exchange*>(user);
  const size_t size = one * count;
  // The page that comes with an error is of no use.
  if (!brings_the_file(status_of(exchange.curl))) return size > 0 ? kRefused : size;
  try {
    if (!exchange.begun) begin(exchange);
    exchange.receiver->take(data, size);
    return size;
  } catch (...) {
    exchange.thrown = std::current_exception();
    return CURL_WRITEFUNC_ERROR;
  }
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  Exchange& exchange = *static_cast<Exchange*>(user);
  try {
    exchange.stopped = exchange.receiver->stopped();
  } catch (...) {
    exchange.thrown = std::current_exception();
  }
  return exchange.stopped || exchange.thrown != nullptr ? 1 : 0;
}

/// The file of certificates to trust instead of the system's, as the program curl takes it; null
/// where there is none.
const char* own_certificates() {
  for (const char* variable : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    const char* file = std::getenv(variable);
    if (file != nullptr && *file != '\0') return file;
  }
  return nullptr;
}

/// What another attempt cannot cure.
bool is_final(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return true;
    default:
      return false;
  }
}

void set_options(CURL* curl, const HttpRequest& request) {
  const bool secure = request.url.starts_with("https:");
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, kMostRedirects);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, static_cast<long>(request.connect_limit.count()));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);  // bytes a second
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stall_limit.count()));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, request.user_agent.c_str());
  if (const char* file = own_certificates()) curl_easy_setopt(curl, CURLOPT_CAINFO, file);
  if (request.from > 0) {
    curl_easy_setopt(curl, CURLOPT_RANGE, (std::to_string(request.from) + "-").c_str());
  }
}

}  // namespace

HttpResult http_get(const HttpRequest& request, HttpReceiver& receiver) {
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, Closer> curl(kReady == CURLE_OK ? curl_easy_init() : nullptr);
  HttpResult result;
  if (curl == nullptr) {
    result.failure = "libcurl cannot be started";
    return result;
  }
  set_options(curl.get(), request);
  std::unique_ptr<curl_slist, Closer> headers;
  if (request.from > 0 && !request.validator.empty()) {
    headers.reset(curl_slist_append(nullptr, ("If-Range: " + request.validator).c_str()));
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  }
  Exchange exchange{curl.get(), &receiver};
  std::array<char, CURL_ERROR_SIZE> words{};
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &on_data);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, &on_progress);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, words.data());

  const CURLcode code = curl_easy_perform(curl.get());
  if (exchange.thrown != nullptr) std::rethrow_exception(exchange.thrown);
  result.stopped = exchange.stopped;
  result.status = status_of(curl.get());
  if (code == CURLE_OK && brings_the_file(result.status) && !exchange.begun) begin(exchange);
  const bool unwanted_page = code == CURLE_WRITE_ERROR && !brings_the_file(result.status);
  if (code != CURLE_OK && !unwanted_page && !exchange.stopped) {
    result.failure = words[0] != '\0' ? words.data() : curl_easy_strerror(code);
    result.retry = !is_final(code);
  }
  return result;
}

}  // namespace mixwright::fetch
