#include "framework/draw/svg.h"

#include <algorithm>

#include <fmt/format.h>

#include "framework/io/text.h"

namespace mixwright::draw {

namespace {

constexpr const char* kFont =
    "-apple-system, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif";
constexpr const char* kLine = "#57606a";
constexpr const char* kEllipsis = "\u2026";

bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

size_t characters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string cut(std::string_view text, size_t count) {
  size_t end = 0;
  for (size_t seen = 0; end < text.size(); ++end) {
    if (!continues(text[end]) && seen++ == count) break;
  }
  return std::string(text.substr(0, end));
}

}  // namespace

std::string xml_text(std::string_view text) {
  const size_t invalid = io::find_invalid_utf8(text);
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    // U+FFFE and U+FFFF, which UTF-8 can say and XML cannot.
    const bool no_character = text.substr(i, 2) == "\xEF\xBF" && i + 2 < text.size() &&
                              static_cast<unsigned char>(text[i + 2]) >= 0xBEU;
    if (i >= invalid || static_cast<unsigned char>(c) < 0x20U || c == '\x7F') {
      result += '?';
    } else if (no_character) {
      result += '?';
      i += 2;
    } else if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '"') {
      result += "&quot;";
    } else if (c == '\'') {
      result += "&#39;";
    } else {
      result += c;
    }
  }
  return result;
}

double text_width(std::string_view text, const TextStyle& style) {
  return static_cast<double>(characters(text)) * style.size * (style.bold ? 0.57 : 0.54);
}

void Svg::rectangle(const Box& box, const Colours& colours, double radius, bool dashed) {
  body_ += fmt::format(
      R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="{:.0f}" fill="{}" stroke="{}"{}/>)"
      "\n",
      box.x,
      box.y,
      box.width,
      box.height,
      radius,
      colours.fill,
      colours.line,
      dashed ? R"( stroke-dasharray="4 3")" : "");
}

void Svg::circle(const Point& centre, double radius, const Colours& colours) {
  body_ += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" fill="{}" stroke="{}"/>)"
                       "\n",
                       centre.x,
                       centre.y,
                       radius,
                       colours.fill,
                       colours.line);
}

void Svg::text(const Point& baseline, std::string_view text, const TextStyle& style, double width) {
  if (text.empty()) return;
  std::string shown(text);
  std::string whole;
  if (width > 0 && text_width(text, style) > width) {
    const double one = text_width("m", style);
    shown = cut(text, static_cast<size_t>(std::max(1.0, width / one - 1))) + kEllipsis;
    whole = "<title>" + xml_text(io::printable(text, 400)) + "</title>";
  }
  const char* anchor = style.anchor == Anchor::kMiddle ? R"( text-anchor="middle")"
                       : style.anchor == Anchor::kEnd  ? R"( text-anchor="end")"
                                                       : "";
  body_ += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" font-size="{:g}" fill="{}"{}{}>{}{}</text>)"
                       "\n",
                       baseline.x,
                       baseline.y,
                       style.size,
                       style.colour,
                       style.bold ? R"( font-weight="600")" : "",
                       anchor,
                       whole,
                       xml_text(shown));
}

void Svg::path(const std::vector<Point>& points, bool arrow) {
  std::string commands;
  for (const Point& point : points) {
    commands += fmt::format("{}{:.1f} {:.1f}", commands.empty() ? "M" : " L", point.x, point.y);
  }
  body_ += fmt::format(R"(<path d="{}" fill="none" stroke="{}" stroke-width="1.3"{}/>)"
                       "\n",
                       commands,
                       kLine,
                       arrow ? R"-( marker-end="url(#head)")-" : "");
}

std::string Svg::document(double width, double height, std::string_view title) const {
  return fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" viewBox="0 0 {0:.0f} {1:.0f}" font-family="{2}">
<title>{3}</title>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0.5 0.5 L7.5 4 L0.5 7.5 Z" fill="{4}"/></marker></defs>
<rect width="{0:.0f}" height="{1:.0f}" rx="8" fill="#ffffff"/>
{5}</svg>
)",
      width,
      height,
      kFont,
      xml_text(title),
      kLine,
      body_);
}

}  // namespace mixwright::draw
