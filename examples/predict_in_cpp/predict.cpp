// What a run says of pictures: predict RUN PICTURE…

#include <exception>
#include <iostream>

#include <mixwright/host.h>

using namespace mixwright;

namespace {

int run(int count, char** words) {
  if (count < 3) {
    std::cerr << "usage: predict RUN PICTURE…\n";
    return 2;
  }
  try {
    const host::Model model = host::load_run(words[1]);
    for (int i = 2; i < count; ++i) {
      const host::Answer best = model.predict_file(words[i]).front();
      std::cout << words[i] << "  " << best.label << "  " << 100 * best.probability << " %\n";
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "predict: " << error.what() << "\n";
    return 1;
  }
}

}  // namespace

int main(int count, char** words) {
  host::leave(run(count, words));  // the model is gone by now; see leave()
}
