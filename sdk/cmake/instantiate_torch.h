#pragma once

// Virtual functions of LibTorch's class templates, instantiated here once.
//
// While clang makes a precompiled header it instantiates what the header calls. What stands only in
// tables of virtual functions is left to every file that uses the header: 126 functions, nine
// tenths of the time that an empty file took. Calling them here moves the work into the header.
// None of this runs and nothing is emitted; a call too few costs time and nothing else. (The
// private functions among them cannot be called; naming their addresses instead has no effect.)

#include <iostream>
#include <vector>

#include <torch/torch.h>

namespace mixwright::precompiled {

template <class Module>
void clone_module(Module* module) {
  module->torch::nn::template Cloneable<Module>::clone();
  // What the private clone_ is made of.
  const std::shared_ptr<Module> other =
      std::dynamic_pointer_cast<Module>(std::shared_ptr<torch::nn::Module>());
  *module = *other;
}

template <int kRank, class Module>
void reset_convolution(torch::nn::ConvNdImpl<kRank, Module>* module) {
  module->torch::nn::template ConvNdImpl<kRank, Module>::reset();
  module->torch::nn::template ConvNdImpl<kRank, Module>::pretty_print(std::cout);
}

template <int kRank, class Module>
void print_transposed(const torch::nn::ConvTransposeNdImpl<kRank, Module>* module) {
  module->torch::nn::template ConvTransposeNdImpl<kRank, Module>::pretty_print(std::cout);
}

template <class Attribute>
void clone_attribute(const Attribute* attribute) {
  attribute->Attribute::clone();
}

template <class Compound>
void compare_type(const Compound* type) {
  type->Compound::equals(*type);
}

template <class Compound>
void look_into_type(const Compound* type) {
  type->Compound::equals(*type);
  type->Compound::containedTypes();
  type->Compound::hasFreeVariables();
}

/// What the private clones of optimizers' options and states are made of.
template <class Part>
void copy_of(const Part* part) {
  std::make_unique<Part>(*part);
}

template <class Examples, class Example>
void get_batch(torch::data::datasets::Dataset<Examples, Example>* examples) {
  examples->torch::data::datasets::template Dataset<Examples, Example>::get_batch(
      std::vector<size_t>());
}

inline void instantiate_modules() {
  using namespace torch::nn;
  clone_module<AdaptiveLogSoftmaxWithLossImpl>(nullptr);
  clone_module<BilinearImpl>(nullptr);
  clone_module<Conv1dImpl>(nullptr);
  clone_module<Conv2dImpl>(nullptr);
  clone_module<Conv3dImpl>(nullptr);
  clone_module<ConvTranspose1dImpl>(nullptr);
  clone_module<ConvTranspose2dImpl>(nullptr);
  clone_module<ConvTranspose3dImpl>(nullptr);
  clone_module<CrossMapLRN2dImpl>(nullptr);
  clone_module<EmbeddingImpl>(nullptr);
  clone_module<EmbeddingBagImpl>(nullptr);
  clone_module<FoldImpl>(nullptr);
  clone_module<FractionalMaxPool2dImpl>(nullptr);
  clone_module<FractionalMaxPool3dImpl>(nullptr);
  clone_module<GRUImpl>(nullptr);
  clone_module<GRUCellImpl>(nullptr);
  clone_module<GroupNormImpl>(nullptr);
  clone_module<LSTMImpl>(nullptr);
  clone_module<LSTMCellImpl>(nullptr);
  clone_module<LayerNormImpl>(nullptr);
  clone_module<LinearImpl>(nullptr);
  clone_module<LocalResponseNormImpl>(nullptr);
  clone_module<LogSoftmaxImpl>(nullptr);
  clone_module<ModuleDictImpl>(nullptr);
  clone_module<MultiheadAttentionImpl>(nullptr);
  clone_module<ParameterDictImpl>(nullptr);
  clone_module<RNNImpl>(nullptr);
  clone_module<RNNCellImpl>(nullptr);
  clone_module<SequentialImpl>(nullptr);
  clone_module<SoftmaxImpl>(nullptr);
  clone_module<SoftminImpl>(nullptr);
  clone_module<ThresholdImpl>(nullptr);
  clone_module<TransformerDecoderImpl>(nullptr);
  clone_module<TransformerDecoderLayerImpl>(nullptr);
  clone_module<TransformerEncoderImpl>(nullptr);
  clone_module<TransformerEncoderLayerImpl>(nullptr);
  clone_module<UnflattenImpl>(nullptr);
  clone_module<UnfoldImpl>(nullptr);

  reset_convolution<1, Conv1dImpl>(nullptr);
  reset_convolution<2, Conv2dImpl>(nullptr);
  reset_convolution<3, Conv3dImpl>(nullptr);
  reset_convolution<1, ConvTranspose1dImpl>(nullptr);
  reset_convolution<2, ConvTranspose2dImpl>(nullptr);
  reset_convolution<3, ConvTranspose3dImpl>(nullptr);
  print_transposed<1, ConvTranspose1dImpl>(nullptr);
  print_transposed<2, ConvTranspose2dImpl>(nullptr);
  print_transposed<3, ConvTranspose3dImpl>(nullptr);
}

inline void instantiate_others() {
  using namespace torch::jit;
  clone_attribute<ComplexAttr>(nullptr);
  clone_attribute<ComplexValsAttr>(nullptr);
  clone_attribute<FloatAttr>(nullptr);
  clone_attribute<FloatsAttr>(nullptr);
  clone_attribute<IntAttr>(nullptr);
  clone_attribute<IntsAttr>(nullptr);
  clone_attribute<StringAttr>(nullptr);
  clone_attribute<StringsAttr>(nullptr);
  clone_attribute<TensorsAttr>(nullptr);
  clone_attribute<TypesAttr>(nullptr);

  using c10::TypeKind;
  look_into_type<c10::SingleElementType<TypeKind::AwaitType, c10::AwaitType>>(nullptr);
  look_into_type<c10::SingleElementType<TypeKind::FutureType, c10::FutureType>>(nullptr);
  look_into_type<c10::SingleElementType<TypeKind::ListType, c10::ListType>>(nullptr);
  look_into_type<c10::SingleElementType<TypeKind::RRefType, c10::RRefType>>(nullptr);
  compare_type<c10::EnumerationType<TypeKind::LayoutType>>(nullptr);
  compare_type<c10::EnumerationType<TypeKind::MemoryFormatType>>(nullptr);
  compare_type<c10::EnumerationType<TypeKind::ScalarTypeType>>(nullptr);

  get_batch(static_cast<torch::data::datasets::MNIST*>(nullptr));
  get_batch(static_cast<torch::data::datasets::TensorDataset*>(nullptr));

  copy_of<torch::optim::AdagradOptions>(nullptr);
  copy_of<torch::optim::AdagradParamState>(nullptr);
  copy_of<torch::optim::AdamOptions>(nullptr);
  copy_of<torch::optim::AdamParamState>(nullptr);
  copy_of<torch::optim::AdamWOptions>(nullptr);
  copy_of<torch::optim::AdamWParamState>(nullptr);
  copy_of<torch::optim::LBFGSOptions>(nullptr);
  copy_of<torch::optim::LBFGSParamState>(nullptr);
  copy_of<torch::optim::RMSpropOptions>(nullptr);
  copy_of<torch::optim::RMSpropParamState>(nullptr);
  copy_of<torch::optim::SGDOptions>(nullptr);
  copy_of<torch::optim::SGDParamState>(nullptr);
}

}  // namespace mixwright::precompiled
