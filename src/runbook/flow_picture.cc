#include "runbook/flow_picture.h"

#include <algorithm>
#include <map>

#include "runbook/flow.h"

namespace aright::runbook {

namespace {

// In pixels.
constexpr int box_width = 460, head_height = 48, line_height = 22, row_gap = 26, indent = 22, margin = 24;
constexpr int lane_width = 16, first_lane = 22, corner = 8, title_height = 58;
constexpr std::size_t name_characters_max = 40, line_characters_max = 60;

constexpr std::string_view style = R"(
  svg { --ink: #16202e; --faint: #64748b; --line: #8a99ad; --box: #ffffff; --edge: #d8dfe8; --ground: #f7f9fb; --bad: #c2413a;
        --call: #2563a8; --code: #7450b8; --flow: #b7791f; --people: #b83a7d; --wait: #5b7083; --other: #3f7d58;
        font-family: ui-sans-serif, system-ui, "Segoe UI", Roboto, sans-serif; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e6ecf3; --faint: #94a3b8; --line: #70819a; --box: #1b2532; --edge: #334155; --ground: #111923; --bad: #f08c84;
          --call: #6ea8e0; --code: #b197e8; --flow: #e0ad5a; --people: #e58abd; --wait: #9db1c4; --other: #7cc49a; }
  }
  .ground { fill: var(--ground); } .box { fill: var(--box); stroke: var(--edge); } .loop { fill: none; stroke: var(--line); stroke-dasharray: 2 4; }
  .title { font-size: 17px; font-weight: 650; fill: var(--ink); } .name { font-size: 14px; font-weight: 600; fill: var(--ink); }
  .what, .choice { font-size: 12px; fill: var(--faint); } .choice { fill: var(--ink); } .mono { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 11.5px; }
  .way { fill: none; stroke: var(--line); stroke-width: 1.5; } .bad { stroke: var(--bad); stroke-dasharray: 5 4; }
  .tip { fill: var(--line); } .tip-bad { fill: var(--bad); } .end { fill: var(--ink); }
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out;
}

// No longer than fits; never ends within a character.
std::string fitting(std::string_view text, std::size_t characters_max) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool begins = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (begins && ++characters > characters_max) return std::string(text.substr(0, i)) + "…";
  }
  return std::string(text);
}

std::string_view kind_of(const std::string& action) {
  static const std::map<std::string_view, std::string_view> kinds{
      {"aws:executeAwsApi", "call"}, {"aws:assertAwsResourceProperty", "call"},
      {"aws:waitForAwsResourceProperty", "wait"}, {"aws:sleep", "wait"}, {"aws:pause", "people"},
      {"aws:approve", "people"}, {"aws:executeScript", "code"}, {"aws:invokeLambdaFunction", "code"},
      {"aws:branch", "flow"}, {"aws:loop", "flow"}, {"aws:executeAutomation", "flow"}, {"aws:updateVariable", "flow"}};
  auto found = kinds.find(action);
  return found == kinds.end() ? "other" : found->second;
}

// aws:executeAwsApi  ec2:DescribeInstances
std::string what_of(const Step& step) {
  auto subject = subject_of(step);
  return subject.empty() ? step.action : step.action + "  " + subject;
}

// A step where it stands.
struct Row {
  const Stop* stop = nullptr;
  int depth = 0, top = 0, height = 0;
  std::size_t list = 0;      // whose steps' names it is found by
  std::size_t end_row = 0;   // the row of its loop; or one behind the last row: the document's end
  std::vector<std::size_t> choices;  // ways that have a line in the box
};

struct Arc {
  std::size_t from = 0, to = 0;
  int from_y = 0, to_y = 0, lane = 0;
  bool bad = false;
};

class Picture {
 public:
  explicit Picture(const Document& document) : document_(document), flow_(flow_of(document)) {}

  std::string draw() {
    place(flow_, 0, none);
    end_y_ = next_top_ + 8;
    collect_arcs();
    spread(false);
    spread(true);
    std::string body;
    for (const auto& frame : frames_) body += frame_of(frame);
    for (const auto& straight : straight_) body += straight;
    for (const auto& arc : arcs_) body += drawn(arc);
    for (const auto& row : rows_) body += drawn(row);
    body += fmt::format("<circle class=\"end\" cx=\"{}\" cy=\"{}\" r=\"6\"/>\n", left() + margin, end_y_);
    int width = left() + box_width + right_lanes_ * lane_width + first_lane + margin, height = end_y_ + margin;
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\" "
        "aria-label=\"Flow of {2}\">\n<style>{3}</style>\n"
        "<rect class=\"ground\" width=\"{0}\" height=\"{1}\" rx=\"10\"/>\n"
        "<text class=\"title\" x=\"{4}\" y=\"36\">{2}</text>\n{5}</svg>\n",
        width, height, escaped(document_.name()), style, left(), body);
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  struct Frame {
    std::size_t first, last;
    int depth;
  };

  int left() const { return margin + (left_lanes_ > 0 ? left_lanes_ * lane_width + first_lane : 0); }
  int x_of(const Row& row) const { return left() + row.depth * indent; }
  int width_of(const Row& row) const { return box_width - row.depth * indent; }

  void place(const std::vector<Stop>& stops, int depth, std::size_t loop) {
    auto list = lists_++;
    for (const auto& stop : stops) {
      auto at = rows_.size();
      Row row{.stop = &stop, .depth = depth, .top = next_top_, .height = head_height, .list = list, .end_row = loop};
      for (std::size_t i = 0; i < stop.ways.size(); ++i)
        if (stop.step->action == "aws:branch" && stop.ways[i].kind <= Way::Kind::otherwise) row.choices.push_back(i);
      row.height += static_cast<int>(row.choices.size()) * line_height + (row.choices.empty() ? 0 : 6);
      next_top_ += row.height + row_gap;
      by_name_[{list, stop.step->name}] = at;
      rows_.push_back(std::move(row));
      if (stop.inner.empty()) continue;
      place(stop.inner, depth + 1, at);
      frames_.push_back({at, rows_.size() - 1, depth});
    }
  }

  std::size_t target(const Row& row, const Way& way) const {
    if (way.to.empty()) return row.end_row == none ? rows_.size() : row.end_row;
    auto found = by_name_.find({row.list, way.to});
    return found == by_name_.end() ? rows_.size() : found->second;
  }

  void collect_arcs() {
    for (std::size_t at = 0; at < rows_.size(); ++at) {
      const auto& row = rows_[at];
      for (std::size_t i = 0; i < row.stop->ways.size(); ++i) collect(at, i);
    }
  }

  void collect(std::size_t at, std::size_t i) {
    const auto& row = rows_[at];
    const auto& way = row.stop->ways[i];
    auto to = target(row, way);
    bool bad = way.kind == Way::Kind::failure || way.kind == Way::Kind::cancel;
    auto choice = std::ranges::find(row.choices, i);
    int line = static_cast<int>(choice - row.choices.begin());
    // An inner list's end is its loop's next round, which the frame shows.
    if (way.to.empty() && row.end_row != none && !bad) return;
    if (!bad && choice == row.choices.end() && row.stop->inner.empty() && to == at + 1) {
      int bottom = row.top + row.height, next = to < rows_.size() ? rows_[to].top : end_y_ - 6;
      straight_.push_back({});
      straight_rows_.push_back({at, bottom, next});
      return;
    }
    int from_y = choice == row.choices.end() ? row.top + head_height / 2
                                             : row.top + head_height + line * line_height + line_height / 2 - 4;
    int to_y = to < rows_.size() ? rows_[to].top + 14 : end_y_;
    arcs_.push_back({.from = at, .to = to, .from_y = from_y, .to_y = to_y, .bad = bad});
  }

  // Gives each arc of a side the nearest lane in which nothing is in its way; short ones first. Arcs to one step share.
  void spread(bool bad) {
    std::vector<Arc*> side;
    for (auto& arc : arcs_)
      if (arc.bad == bad) side.push_back(&arc);
    std::ranges::stable_sort(side, {}, [](const Arc* arc) { return std::abs(arc->to_y - arc->from_y); });
    int lanes = 0;
    for (auto* arc : side) {
      auto in_the_way = [&](const Arc* other) {
        if (other == arc || other->lane != arc->lane || other->lane == 0 || other->to == arc->to) return false;
        auto [low, high] = std::minmax(arc->from_y, arc->to_y);
        auto [other_low, other_high] = std::minmax(other->from_y, other->to_y);
        return low <= other_high && other_low <= high;
      };
      for (arc->lane = 1; std::ranges::any_of(side, in_the_way);) ++arc->lane;
      lanes = std::max(lanes, arc->lane);
    }
    (bad ? left_lanes_ : right_lanes_) = lanes;
    if (!bad) return;
    for (std::size_t i = 0; i < straight_rows_.size(); ++i) {
      const auto& [row, from, to] = straight_rows_[i];
      straight_[i] = line_down(left() + margin, from, to);
    }
  }

  static std::string tip(int x, int y, int dx, bool bad) {
    return dx == 0 ? fmt::format("<path class=\"tip\" d=\"M{} {}l-4 -7h8z\"/>\n", x, y)
                   : fmt::format("<path class=\"tip{}\" d=\"M{} {}l{} -4v8z\"/>\n", bad ? "-bad" : "", x, y, dx * 7);
  }

  static std::string line_down(int x, int from, int to) {
    return fmt::format("<path class=\"way\" d=\"M{} {}V{}\"/>\n", x, from, to - 5) + tip(x, to, 0, false);
  }

  // Out of the box, along the lane, into the box, with round corners.
  std::string drawn(const Arc& arc) const {
    const auto& row = rows_[arc.from];
    int side = arc.bad ? -1 : 1;
    int from_x = arc.bad ? x_of(row) : x_of(row) + width_of(row);
    bool ends = arc.to == rows_.size();
    int to_x = ends ? left() + margin + side * 8
               : arc.bad ? x_of(rows_[arc.to]) : x_of(rows_[arc.to]) + width_of(rows_[arc.to]);
    int lane_x = arc.bad ? left() - first_lane - (arc.lane - 1) * lane_width
                         : left() + box_width + first_lane + (arc.lane - 1) * lane_width;
    int down = arc.to_y >= arc.from_y ? 1 : -1;
    return fmt::format("<path class=\"way{}\" d=\"M{} {}H{}q{} 0 {} {}V{}q0 {} {} {}H{}\"/>\n", arc.bad ? " bad" : "",
                       from_x, arc.from_y, lane_x - side * corner, side * corner, side * corner, down * corner,
                       arc.to_y - down * corner, down * corner, -side * corner, down * corner, to_x + side * 5) +
           tip(to_x, arc.to_y, side, arc.bad);
  }

  std::string frame_of(const Frame& frame) const {
    const auto& first = rows_[frame.first];
    const auto& last = rows_[frame.last];
    int x = left() + frame.depth * indent - 8;
    return fmt::format("<rect class=\"loop\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"12\"/>\n", x,
                       first.top - 8, box_width - frame.depth * indent + 16, last.top + last.height - first.top + 16);
  }

  std::string drawn(const Row& row) const {
    const auto& step = *row.stop->step;
    auto kind = kind_of(step.action);
    int x = x_of(row), width = width_of(row);
    auto out = fmt::format(
        "<g><rect class=\"box\" x=\"{0}\" y=\"{1}\" width=\"{2}\" height=\"{3}\" rx=\"8\"/>"
        "<rect x=\"{0}\" y=\"{1}\" width=\"5\" height=\"{3}\" rx=\"2.5\" style=\"fill: var(--{4})\"/>\n"
        "<text class=\"name\" x=\"{5}\" y=\"{6}\">{7}</text>"
        "<text class=\"what mono\" x=\"{5}\" y=\"{8}\">{9}</text>\n",
        x, row.top, width, row.height, kind, x + 18, row.top + 20, escaped(fitting(step.name, name_characters_max)),
        row.top + 37, escaped(fitting(what_of(step), line_characters_max - static_cast<std::size_t>(row.depth) * 3)));
    int y = row.top + head_height + 14;
    for (auto i : row.choices) {
      const auto& way = row.stop->ways[i];
      auto text = way.kind == Way::Kind::otherwise ? "otherwise" : "if " + way.why;
      out += fmt::format("<text class=\"choice\" x=\"{}\" y=\"{}\"><title>{}</title>{}</text>\n", x + 18, y - 2,
                         escaped(text), escaped(fitting(text, line_characters_max)));
      y += line_height;
    }
    if (!step.description.empty()) out += fmt::format("<title>{}</title>", escaped(step.description));
    return out + "</g>\n";
  }

  const Document& document_;
  std::vector<Stop> flow_;
  std::vector<Row> rows_;
  std::vector<Frame> frames_;
  std::vector<Arc> arcs_;
  struct Straight {
    std::size_t row;
    int from, to;
  };
  std::vector<Straight> straight_rows_;
  std::vector<std::string> straight_;
  std::map<std::pair<std::size_t, std::string>, std::size_t> by_name_;
  std::size_t lists_ = 0;
  int next_top_ = title_height, end_y_ = 0, left_lanes_ = 0, right_lanes_ = 0;
};

}  // namespace

std::string flow_picture(const Document& document) { return Picture(document).draw(); }

}  // namespace aright::runbook
