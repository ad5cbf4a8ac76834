#pragma once

/// Marks what the SDK's shared library exports; everything else is hidden.
#define MIXWRIGHT_API __attribute__((visibility("default")))
