#include <algorithm>
#include <exception>
#include <mutex>

#include <torch/torch.h>

#include <mixwright/parallel.h>

// libgomp's own entry points. clang's -fopenmp would load LLVM's runtime beside LibTorch's
// libgomp; calling libgomp directly shares LibTorch's single pool.
extern "C" {
void GOMP_parallel(void (*function)(void*), void* data, unsigned threads, unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);
int omp_in_parallel(void);
}

namespace mixwright {

namespace {

struct Work {
  int64_t begin;
  int64_t end;
  const std::function<void(int64_t, int64_t)>* body;
  std::exception_ptr error;
  std::mutex lock;
};

void run_piece(void* data) {
  Work& work = *static_cast<Work*>(data);
  const int64_t threads = omp_get_num_threads();
  const int64_t piece = (work.end - work.begin + threads - 1) / threads;
  const int64_t from = work.begin + omp_get_thread_num() * piece;
  const int64_t to = std::min(work.end, from + piece);
  if (from >= to) return;
  try {
    (*work.body)(from, to);
  } catch (...) {  // an exception must not cross libgomp
    const std::lock_guard guard(work.lock);
    if (!work.error) work.error = std::current_exception();
  }
}

}  // namespace

int parallel_threads() {
  return at::get_num_threads();
}

void parallel_for(int64_t begin,
                  int64_t end,
                  int64_t grain,
                  const std::function<void(int64_t, int64_t)>& body) {
  if (begin >= end) return;
  const int64_t pieces = std::max<int64_t>(1, (end - begin) / std::max<int64_t>(1, grain));
  const auto threads = static_cast<unsigned>(std::min<int64_t>(pieces, parallel_threads()));
  if (threads <= 1 || omp_in_parallel() != 0) return body(begin, end);
  Work work{begin, end, &body, nullptr, {}};
  GOMP_parallel(&run_piece, &work, threads, 0);
  if (work.error) std::rethrow_exception(work.error);
}

}  // namespace mixwright
