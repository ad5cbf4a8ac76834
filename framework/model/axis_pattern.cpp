#include "framework/model/axis_pattern.h"

#include <algorithm>
#include <cctype>
#include <map>

#include <mixwright/error.h>
#include <mixwright/shape.h>

namespace mixwright::model {

namespace {

using Sizes = std::map<std::string, int64_t>;

std::string shape_of(const torch::Tensor& x) {
  return list_text(x.sizes().vec());
}

}  // namespace

std::vector<AxisPattern::Group> AxisPattern::parse_side(const std::string& side,
                                                        const std::string& text) {
  const auto refuse = [&](const std::string& what) {
    throw UsageError("reshape \"" + text + "\": " + what);
  };
  std::vector<Group> groups;
  bool open = false;
  for (size_t i = 0; i < side.size();) {
    const char c = side[i];
    if (c == ' ') {
      ++i;
    } else if (c == '(' || c == ')') {
      if (open == (c == '(')) refuse("its parentheses do not fit");
      open = c == '(';
      if (open) groups.emplace_back();
      if (!open && groups.back().empty()) refuse("() holds nothing; write 1");
      ++i;
    } else if (c == '1' && !open) {
      groups.emplace_back();
      ++i;
    } else if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      size_t end = i;
      while (end < side.size() && std::isalnum(static_cast<unsigned char>(side[end])) != 0) ++end;
      if (!open) groups.emplace_back();
      groups.back().push_back(side.substr(i, end - i));
      i = end;
    } else {
      refuse(std::string("\"") + c + "\" is neither a word, 1, nor a parenthesis");
    }
  }
  if (open) refuse("its parentheses do not fit");
  return groups;
}

std::vector<std::string> AxisPattern::words(const std::vector<Group>& side) const {
  std::vector<std::string> result;
  for (const Group& group : side) result.insert(result.end(), group.begin(), group.end());
  return result;
}

AxisPattern::AxisPattern(const std::string& text) {
  const size_t arrow = text.find("->");
  if (arrow == std::string::npos) {
    throw UsageError("reshape \"" + text +
                     "\": two sides expected, such as \"o i 1 1 -> o i\", \"target\", or sizes");
  }
  left_ = parse_side(text.substr(0, arrow), text);
  right_ = parse_side(text.substr(arrow + 2), text);
  std::vector<std::string> left = words(left_);
  std::vector<std::string> right = words(right_);
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  if (left != right || std::adjacent_find(left.begin(), left.end()) != left.end()) {
    throw UsageError("reshape \"" + text + "\": the same words expected on both sides, each once");
  }
}

torch::Tensor AxisPattern::apply(const torch::Tensor& x, at::IntArrayRef target) const {
  const auto refuse = [&](const std::string& what) {
    throw Error("\"" + text() + "\" does not fit " + shape_of(x) + ": " + what);
  };
  if (static_cast<size_t>(x.dim()) != left_.size()) {
    refuse(std::to_string(left_.size()) + " dimensions expected");
  }
  Sizes sizes;
  for (size_t i = 0; i < left_.size(); ++i) {
    const int64_t size = x.size(static_cast<int64_t>(i));
    if (left_[i].empty() && size != 1) refuse("dimension " + std::to_string(i) + " is not 1");
    if (left_[i].size() == 1) sizes[left_[i][0]] = size;
  }
  if (target.size() == right_.size()) {
    for (size_t i = 0; i < right_.size(); ++i) {
      if (right_[i].size() == 1) sizes.emplace(right_[i][0], target[i]);
    }
  }
  for (size_t i = 0; i < left_.size(); ++i) {
    if (left_[i].size() < 2) continue;
    int64_t product = 1;
    std::string missing;
    for (const std::string& word : left_[i]) {
      const auto known = sizes.find(word);
      if (known != sizes.end()) {
        product *= known->second;
      } else if (missing.empty()) {
        missing = word;
      } else {
        refuse("neither " + missing + " nor " + word + " is known");
      }
    }
    const int64_t size = x.size(static_cast<int64_t>(i));
    if (!missing.empty() && product != 0 && size % product == 0) sizes[missing] = size / product;
    if (missing.empty() ? product != size : !sizes.contains(missing)) {
      refuse("dimension " + std::to_string(i) + " is no product of " + std::to_string(product));
    }
  }
  const std::vector<std::string> from = words(left_);
  std::vector<int64_t> apart;
  for (const std::string& word : from) apart.push_back(sizes.at(word));
  std::vector<int64_t> order;
  for (const std::string& word : words(right_)) {
    order.push_back(std::find(from.begin(), from.end(), word) - from.begin());
  }
  std::vector<int64_t> together;
  for (const Group& group : right_) {
    int64_t product = 1;
    for (const std::string& word : group) product *= sizes.at(word);
    together.push_back(product);
  }
  return x.reshape(apart).permute(order).reshape(together);
}

AxisPattern AxisPattern::inverted() const {
  AxisPattern result;
  result.left_ = right_;
  result.right_ = left_;
  return result;
}

std::string AxisPattern::text() const {
  const auto side = [](const std::vector<Group>& groups) {
    std::string result;
    for (const Group& group : groups) {
      std::string inside;
      for (const std::string& word : group) inside += (inside.empty() ? "" : " ") + word;
      if (group.empty()) inside = "1";
      if (group.size() > 1) inside = "(" + inside + ")";
      result += (result.empty() ? "" : " ") + inside;
    }
    return result;
  };
  return side(left_) + " -> " + side(right_);
}

}  // namespace mixwright::model
