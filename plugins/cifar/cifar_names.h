#pragma once

#include <string>
#include <vector>

// Names of the classes, in the order of their labels: the lines of batches.meta.txt,
// fine_label_names.txt and coarse_label_names.txt beside the binary files.
std::vector<std::string> cifar10_names();
std::vector<std::string> cifar100_fine_names();
std::vector<std::string> cifar100_coarse_names();
