#pragma once

#include <memory>
#include <string>
#include <utility>

#include <mixwright/build_context.h>
#include <mixwright/part.h>

namespace mixwright {

/// A nested component as an option: `Component<Activation> activation{"gelu"}`. Default
/// constructed it is "none".
template <class Kind>
class Component {
 public:
  Component() = default;
  Component(const char* type) : value_(type) {}
  explicit Component(ConfigValue value) : value_(std::move(value)) {}

  /// Whether there is a component at all.
  explicit operator bool() const {
    return !value_.is_nothing() && !(value_.is_string() && value_.as_string() == "none");
  }

  /// Builds it for `context`, whose shape is what comes in; null for "none".
  std::shared_ptr<typename Kind::Interface> build(const BuildContext& context) const {
    return build_as(name_, context);
  }
  std::shared_ptr<typename Kind::Interface> build_as(const std::string& name,
                                                     const BuildContext& context) const {
    if (!*this) return nullptr;
    return std::static_pointer_cast<typename Kind::Interface>(
        context.below(name).make(Kind::kKind, value_));
  }

  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }
  const ConfigValue& value() const { return value_; }

 private:
  ConfigValue value_;
  std::string name_ = "part";  // the option's name, set when options are read
};

template <class Kind>
std::shared_ptr<typename Kind::Interface> Part::add(const Component<Kind>& component,
                                                    const BuildContext& context) {
  return add(component.name(), component, context);
}

template <class Kind>
std::shared_ptr<typename Kind::Interface> Part::add(const std::string& name,
                                                    const Component<Kind>& component,
                                                    const BuildContext& context) {
  auto part = component.build_as(name, context);
  if (part) register_module(name, part);
  return part;
}

/// One entry of a list of layers: a one-key table `{ kind = component }`; "none" keeps its index.
class MIXWRIGHT_API LayerOption {
 public:
  LayerOption() = default;
  LayerOption(std::string kind, ConfigValue value)
      : kind_(std::move(kind)), value_(std::move(value)) {}
  /// Builds it as the part `name` below `context`; null for "none".
  LayerPtr build(const std::string& name, const BuildContext& context) const;
  const std::string& kind() const { return kind_; }
  const ConfigValue& value() const { return value_; }

 private:
  std::string kind_;
  ConfigValue value_;
};

}  // namespace mixwright
