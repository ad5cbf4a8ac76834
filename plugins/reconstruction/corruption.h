#pragma once

#include <cstdint>

#include <torch/torch.h>

#include <mixwright/options.h>
#include <mixwright/random.h>

/// Which part of a sample is hidden.
enum class Hidden { kNothing, kUpper, kLower, kLeft, kRight, kRandom };
MIXWRIGHT_CHOICES(Hidden,
                  choice("nothing", Hidden::kNothing),
                  choice("upper", Hidden::kUpper),
                  choice("lower", Hidden::kLower),
                  choice("left", Hidden::kLeft),
                  choice("right", Hidden::kRight),
                  choice("random", Hidden::kRandom))

/// Adds normal noise of that deviation to every value of `sample`, in place.
void add_noise(torch::Tensor& sample, double deviation, mixwright::SampleRandom& random);

/// Puts 0 into a share of the places of `sample` [*grid, C], in place: into a stretch of an axis,
/// rounded to whole places, or into each place with that probability.
/// Throws: mixwright::Error for left or right of a grid with one axis.
void hide(torch::Tensor& sample, Hidden where, double share, mixwright::SampleRandom& random);
