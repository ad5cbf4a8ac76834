#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>

#include <mixwright/error.h>
#include <mixwright/parallel.h>
#include <mixwright/picture.h>

#include "framework/cli/commands.h"
#include "framework/cli/load.h"
#include "framework/cli/picture_inputs.h"
#include "framework/cli/predict_report.h"
#include "framework/data/picture_sample.h"
#include "framework/train/checkpoint_choice.h"
#include "framework/train/device.h"
#include "framework/train/input_facts.h"
#include "framework/train/picture_sheet.h"
#include "framework/train/progress.h"
#include "framework/train/trained_run.h"

namespace mixwright::cli {

namespace {

constexpr size_t kBatch = 64;

struct PredictArguments {
  std::string run;
  std::vector<std::string> inputs;
  int top = 3;
  std::string checkpoint;
  std::string output;
  bool invert = false;
  std::vector<std::string> sets;
};

void check(const PredictArguments& arguments) {
  if (arguments.top < 1) {
    throw UsageError("--top " + std::to_string(arguments.top) + ": 1 or more answers expected");
  }
  if (!arguments.output.empty() && std::filesystem::path(arguments.output).extension() != ".png") {
    throw UsageError("--out " + arguments.output + ": a sheet is a PNG file, .png expected");
  }
}

void require_pictures(const std::string& run, const DatasetInfo& info) {
  if (data::are_pictures(info)) return;
  throw UsageError(
      run + ": its samples are " +
      (info.vocabulary > 0 ? "token ids " + list_text(info.input.grid) : info.input.text()) +
      "; predict reads pictures, [height, width, 1 or 3]; `mixwright forward " + run +
      "` runs other tensors through a network");
}

/// A picture as the network and as the sheet sees it.
struct Read {
  torch::Tensor sample;
  torch::Tensor small;
  std::string refusal;  ///< "": it was read
};

/// Reads pictures and asks a network about them, batch by batch.
class PicturePrediction {
 public:
  PicturePrediction(const PredictArguments& arguments,
                    const train::TrainedRun& run,
                    PredictReport& report,
                    train::Progress& progress)
      : arguments_(arguments), run_(run), report_(report), progress_(progress) {}

  void begin_sheet(size_t pictures) {
    sheet_.emplace(std::min(static_cast<int64_t>(pictures), train::PictureSheet::kMost));
  }

  void answer(std::span<const std::string> files) {
    std::vector<Read> read(files.size());
    parallel_for(0, static_cast<int64_t>(files.size()), 1, [&](int64_t begin, int64_t end) {
      for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
        read[i] = read_one(files[i]);
      }
    });
    progress_.clear();  // other lines come
    std::vector<torch::Tensor> samples;
    for (size_t i = 0; i < files.size(); ++i) {
      if (read[i].refusal.empty()) {
        samples.push_back(read[i].sample);
      } else {
        report_.refuse({files[i], read[i].refusal});
      }
    }
    if (!samples.empty()) tell(files, read, ask(samples));
  }

  /// The number of pictures on the sheet that was drawn.
  int64_t draw_sheet() const {
    if (!sheet_ || sheet_->is_empty()) return 0;
    sheet_->draw(arguments_.output,
                 arguments_.run + ", checkpoint " + run_.checkpoint.filename().string());
    return sheet_->size();
  }

 private:
  bool sheet_has_room() const { return sheet_ && sheet_->size() < train::PictureSheet::kMost; }

  Read read_one(const std::string& file) const {
    Read result;
    try {
      const std::vector<uint8_t> bytes = read_picture_bytes(file);
      result.sample = data::picture_sample(bytes, file, run_.predictor->info(), arguments_.invert);
      if (sheet_has_room()) {
        PictureOptions options;
        options.upright = true;
        options.least_side = sheet_->side();
        result.small = sheet_->scaled(decode_picture(bytes, file, options));
      }
    } catch (const Error& error) {
      result.refusal = error.what();
    } catch (const c10::Error& error) {
      result.refusal = file + ": " + first_line(error.what_without_backtrace());
    } catch (const std::bad_alloc&) {
      result.refusal = file + ": out of memory";
    }
    return result;
  }

  std::vector<std::vector<Prediction>> ask(const std::vector<torch::Tensor>& samples) const {
    auto answers = run_.predictor->predict(torch::stack(samples), arguments_.top);
    if (answers.empty()) {
      throw UsageError(arguments_.run + ": task \"" + run_.task +
                       "\" says nothing of a single picture; `mixwright evaluate " +
                       arguments_.run + "` measures such a run");
    }
    return answers;
  }

  void tell(std::span<const std::string> files,
            const std::vector<Read>& read,
            std::vector<std::vector<Prediction>> answers) {
    std::vector<PredictReport::Row> rows;
    for (size_t i = 0; i < files.size(); ++i) {
      if (!read[i].refusal.empty()) continue;
      rows.push_back({files[i], std::move(answers[rows.size()])});
      const std::vector<Prediction>& told = rows.back().answers;
      if (!sheet_has_room() || told.empty()) continue;
      sheet_->add(
          {read[i].small, std::filesystem::path(files[i]).filename().string(), told.front()});
    }
    report_.add(rows);
  }

  const PredictArguments& arguments_;
  const train::TrainedRun& run_;
  PredictReport& report_;
  train::Progress& progress_;
  std::optional<train::PictureSheet> sheet_;
};

void run_predict(const PredictArguments& arguments, Globals& globals) {
  check(arguments);
  train::keep_freed_memory();
  // What is no run of pictures is refused before its network is built.
  train::chosen_checkpoint(arguments.run, arguments.checkpoint);
  require_pictures(arguments.run, train::read_input_facts(arguments.run));
  const train::TrainedRun run = train::load_trained_run(
      arguments.run, arguments.checkpoint, arguments.sets, plugins_of(globals));
  const PictureInputs inputs = find_pictures(arguments.inputs);
  PredictReport report(arguments.run, run, globals);
  for (const RefusedInput& input : inputs.refused) report.refuse(input);
  train::Progress progress(train::Progress::fitting_mode(globals.quiet || globals.json));
  PicturePrediction prediction(arguments, run, report, progress);
  if (!arguments.output.empty()) prediction.begin_sheet(inputs.files.size());
  const std::span<const std::string> files(inputs.files);
  for (size_t done = 0; done < files.size(); done += kBatch) {
    if (progress.due()) {
      train::ProgressFacts facts;
      facts.phase = "pictures";
      facts.step = static_cast<int64_t>(done);
      facts.steps = static_cast<int64_t>(files.size());
      progress.show(facts);
    }
    prediction.answer(files.subspan(done, std::min(kBatch, files.size() - done)));
  }
  const int64_t on_sheet = prediction.draw_sheet();
  report.end(on_sheet > 0 ? arguments.output : "", on_sheet);
}

}  // namespace

void add_predict_command(Command program, Globals& globals) {
  Command command =
      program.subcommand("predict", "what a trained network says of pictures: classes, a sheet");
  auto arguments = std::make_shared<PredictArguments>();
  command.option("run", arguments->run, "the folder of a run").required();
  command.option("input", arguments->inputs, "JPEG and PNG files, or folders of them").required();
  command.option("--top", arguments->top, "answers to each picture").show_default();
  command
      .option("--out",
              arguments->output,
              "also draw a sheet of the pictures with their classes, to a .png")
      .type_name("FILE");
  command.flag(
      "--invert", arguments->invert, "show the network bright for dark and dark for bright");
  command.checkpoint(arguments->checkpoint);
  command.sets(arguments->sets);
  command.footer(
      R"(  mixwright predict runs/first photo.jpg
  mixwright predict runs/first pictures/ --top 5 --out sheet.png

A picture may have any size and be gray or coloured: it stands upright as its EXIF data say, becomes
gray or coloured as the training's pictures were, is scaled until its shorter side fits and its
centre is cut out. Transparent parts are white. Folders are searched through, hidden names left out;
a sheet shows the first 100 pictures. The data of the training need not be there: input.toml in the
run's folder says what they were.

A drawing or a scan is dark on white, while MNIST and its kin are bright on black: a network that
learned from those wants --invert.

A file that is no picture is named on standard error, the others go on; the exit code is then 1.)");
  command.run([arguments, &globals] { run_predict(*arguments, globals); });
}

}  // namespace mixwright::cli
