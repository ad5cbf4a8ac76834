#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mixwright::draw {

/// A place or a size, in pixels.
struct Point {
  double x = 0;
  double y = 0;
};

struct Box {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
  double centre() const { return x + width / 2; }
  double right() const { return x + width; }
  double bottom() const { return y + height; }
};

struct Colours {
  const char* fill;
  const char* line;
};

enum class Anchor { kStart, kMiddle, kEnd };

struct TextStyle {
  double size = 12;
  bool bold = false;
  const char* colour = "#24292f";
  Anchor anchor = Anchor::kStart;
};

/// Writes a picture in SVG 1.1. Whatever text comes in, what comes out is well-formed XML.
class Svg {
 public:
  void rectangle(const Box& box, const Colours& colours, double radius, bool dashed = false);
  void circle(const Point& centre, double radius, const Colours& colours);
  /// Text that is cut to `width` where it is longer; 0: as long as it is. Its whole is shown when
  /// the mouse rests on it.
  void text(const Point& baseline, std::string_view text, const TextStyle& style, double width = 0);
  /// Lines from point to point; an arrow has its head at the last.
  void path(const std::vector<Point>& points, bool arrow);

  /// The whole picture, on white.
  std::string document(double width, double height, std::string_view title) const;

 private:
  std::string body_;
};

/// Text as XML holds it: marked-up characters as entities, what XML cannot hold as "?".
std::string xml_text(std::string_view text);

/// About how wide a text is: fonts differ.
double text_width(std::string_view text, const TextStyle& style);

}  // namespace mixwright::draw
