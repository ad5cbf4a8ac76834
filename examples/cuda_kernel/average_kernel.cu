#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "average_kernel.h"

namespace {

// A thread walks the tokens of one channel of one sample. Its neighbours hold the channels beside
// it, so that a warp reads and writes whole lines of memory.
constexpr unsigned kThreads = 128;

unsigned blocks_for(AverageSizes sizes) {
  return static_cast<unsigned>((sizes.batch * sizes.channels + kThreads - 1) / kThreads);
}

/// The lane of this thread; false where there are more threads than lanes.
__device__ bool find_lane(AverageSizes sizes, int64_t& lane, int64_t& channel, int64_t& first) {
  lane = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (lane >= sizes.batch * sizes.channels) return false;
  channel = lane % sizes.channels;
  first = lane / sizes.channels * sizes.tokens * sizes.channels + channel;
  return true;
}

__global__ void average(const float* x, const float* share, AverageSizes sizes, float* y) {
  int64_t lane, channel, at;
  if (!find_lane(sizes, lane, channel, at)) return;
  const float own = share[channel];
  float mean = 0;
  for (int64_t t = 0; t < sizes.tokens; ++t, at += sizes.channels) {
    mean = own * x[at] + (1 - own) * mean;
    y[at] = mean;
  }
}

__global__ void average_gradient(const float* gradient,
                                 const float* x,
                                 const float* y,
                                 const float* share,
                                 AverageSizes sizes,
                                 float* x_gradient,
                                 float* share_gradient) {
  int64_t lane, channel, at;
  if (!find_lane(sizes, lane, channel, at)) return;
  const float own = share[channel];
  float whole = 0;  // the loss by y[t], through all later tokens too
  float sum = 0;
  at += (sizes.tokens - 1) * sizes.channels;
  for (int64_t t = sizes.tokens - 1; t >= 0; --t, at -= sizes.channels) {
    whole = gradient[at] + (1 - own) * whole;
    x_gradient[at] = own * whole;
    sum += whole * (x[at] - (t > 0 ? y[at - sizes.channels] : 0));
  }
  share_gradient[lane] = sum;
}

}  // namespace

void average_on_gpu(int device, const float* x, const float* share, AverageSizes sizes, float* y) {
  const c10::cuda::CUDAGuard guard(static_cast<c10::DeviceIndex>(device));
  const auto stream = c10::cuda::getCurrentCUDAStream();
  average<<<blocks_for(sizes), kThreads, 0, stream>>>(x, share, sizes, y);
  C10_CUDA_KERNEL_LAUNCH_CHECK();
}

void average_gradient_on_gpu(int device,
                             const float* gradient,
                             const float* x,
                             const float* y,
                             const float* share,
                             AverageSizes sizes,
                             float* x_gradient,
                             float* share_gradient) {
  const c10::cuda::CUDAGuard guard(static_cast<c10::DeviceIndex>(device));
  const auto stream = c10::cuda::getCurrentCUDAStream();
  average_gradient<<<blocks_for(sizes), kThreads, 0, stream>>>(
      gradient, x, y, share, sizes, x_gradient, share_gradient);
  C10_CUDA_KERNEL_LAUNCH_CHECK();
}
